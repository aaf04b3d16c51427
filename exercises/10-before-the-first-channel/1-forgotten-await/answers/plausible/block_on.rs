//! A task must not block the thread of the runtime that it runs on. Tokio notices, and panics.
//~ fails with: Cannot start a runtime from within a runtime
let runtime = tokio::runtime::Handle::current();
let answers = events.into_iter().map(|event| runtime.block_on(publish(event, broker.clone())));
answers.filter(|confirmed| *confirmed).count()
