//! `join_all` awaits the handles in their order. It ends with all of them, whatever they return.
let tasks = events.into_iter().map(|event| tokio::spawn(broker.clone().publish(event)));
let outcome = |ended| match ended {
    Ok(Ok(())) => Outcome::Published,
    Ok(Err(reason)) => Outcome::Refused(reason),
    Err(_panicked) => Outcome::Crashed,
};
futures::future::join_all(tasks).await.into_iter().map(outcome).collect()
