//! Lets each task return its name. A task that panics or is aborted returns nothing, and so its event is missing.
//~ fails with: ==> order 2: expected Crashed, was nothing
let mut tasks = JoinSet::new();
for &event in events {
    let broker = broker.clone();
    let task = tasks.spawn(async move { (event.name, broker.publish(event.name).await) });
    stop_later(event, task);
}
while let Some(ended) = tasks.join_next().await {
    let Ok((name, result)) = ended else { continue };
    outcomes.insert(name, result.map_or_else(Outcome::Refused, |()| Outcome::Published));
}
