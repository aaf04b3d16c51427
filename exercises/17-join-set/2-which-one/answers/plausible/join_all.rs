//! `join_all` panics when one of the tasks does, and with that the set is dropped. (The chapter's `join_all`.)
//~ fails with: publish_all itself panicked: a panic of one task must not end the others
let mut tasks = JoinSet::new();
for &event in events {
    let broker = broker.clone();
    let task = tasks.spawn(async move { (event.name, broker.publish(event.name).await) });
    stop_later(event, task);
}
for (name, result) in tasks.join_all().await {
    outcomes.insert(name, result.map_or_else(Outcome::Refused, |()| Outcome::Published));
}
