//! Takes what is missing at the end for a crash, or for a stop if the event has one.
//~ fails with: ==> order 1: expected Crashed, was Stopped
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
for event in events {
    let lost = if event.stopped_after.is_some() { Outcome::Stopped } else { Outcome::Crashed };
    outcomes.entry(event.name).or_insert(lost);
}
