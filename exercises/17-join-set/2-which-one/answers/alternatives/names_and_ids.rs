//! A task that returns brings its name along. The id is looked up only for an error.
let (mut tasks, mut names) = (JoinSet::new(), Vec::new());
for &event in events {
    let broker = broker.clone();
    let task = tasks.spawn(async move { (event.name, broker.publish(event.name).await) });
    names.push((task.id(), event.name));
    stop_later(event, task);
}
while let Some(ended) = tasks.join_next().await {
    let (name, outcome) = match ended {
        Ok((name, Ok(()))) => (name, Outcome::Published),
        Ok((name, Err(reason))) => (name, Outcome::Refused(reason)),
        Err(error) => {
            let named = names.iter().find(|(id, _)| *id == error.id());
            let &(_, name) = named.expect("every task has a name");
            (name, if error.try_into_panic().is_ok() { Outcome::Crashed } else { Outcome::Stopped })
        }
    };
    outcomes.insert(name, outcome);
}
