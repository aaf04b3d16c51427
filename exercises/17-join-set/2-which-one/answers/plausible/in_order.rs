//! Gives the outcomes, in the order in which the tasks end, to the events in their own order.
//~ fails with: ==> order 2: expected Crashed, was Refused("too large")
let mut tasks = JoinSet::new();
for &event in events {
    let broker = broker.clone();
    stop_later(event, tasks.spawn(async move { broker.publish(event.name).await }));
}
for event in events {
    let outcome = match tasks.join_next().await.expect("a task for each event") {
        Ok(Ok(())) => Outcome::Published,
        Ok(Err(reason)) => Outcome::Refused(reason),
        Err(error) if error.is_panic() => Outcome::Crashed,
        Err(_) => Outcome::Stopped,
    };
    outcomes.insert(event.name, outcome);
}
