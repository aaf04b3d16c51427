//! `join_all` polls all futures in this task and keeps their order. Nothing here needs a task of its own.
futures::future::join_all(events.into_iter().map(|event| broker.clone().publish(event))).await
