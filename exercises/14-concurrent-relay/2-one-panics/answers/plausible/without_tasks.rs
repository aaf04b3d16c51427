//! Polls all futures in its own task, so a panic in one of them ends `publish_all`.
//~ fails with: publish_all has panicked, because `publish` has
let publishing = events.into_iter().map(|event| broker.clone().publish(event));
let published = futures::future::join_all(publishing).await;
let outcome = |published: Result<(), String>| match published {
    Ok(()) => Outcome::Published,
    Err(reason) => Outcome::Refused(reason),
};
published.into_iter().map(outcome).collect()
