//! Exercise 17.2: some tasks panic and some are aborted. Whose event was it?

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use tokio::task::{Id, JoinSet};
use tokio::time::sleep;

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Published,
    /// The broker does not take it; with its reason.
    Refused(String),
    /// Its task has panicked.
    Crashed,
    /// Its task was aborted.
    Stopped,
}

/// Publishes all events at once, and aborts those that are named in `stop`. Returns what became of each event.
pub async fn publish_all(events: &[&'static str], stop: &[&str]) -> BTreeMap<&'static str, Outcome> {
    let mut tasks = JoinSet::new();
    //~ begin
    let mut names: HashMap<Id, &'static str> = HashMap::new();
    //~ starter
    //~ end
    for &event in events {
        let task = tasks.spawn(publish(event));
        //~ begin
        names.insert(task.id(), event);
        //~ starter
        //~ end
        if stop.contains(&event) {
            task.abort();
        }
    }
    let mut outcomes = BTreeMap::new();
    //~ begin
    // An error knows the id of its task, and whether it was a panic.
    while let Some(ended) = tasks.join_next_with_id().await {
        let (id, outcome) = match ended {
            Ok((id, Ok(()))) => (id, Outcome::Published),
            Ok((id, Err(reason))) => (id, Outcome::Refused(reason)),
            Err(error) if error.is_panic() => (error.id(), Outcome::Crashed),
            Err(error) => (error.id(), Outcome::Stopped),
        };
        outcomes.insert(names[&id], outcome);
    }
    //~ starter
    //~| // TODO: which event was it? And was it a panic?
    //~| while let Some(ended) = tasks.join_next().await {
    //~|     let outcome = match ended {
    //~|         Ok(Ok(())) => Outcome::Published,
    //~|         Ok(Err(reason)) => Outcome::Refused(reason),
    //~|         Err(_) => Outcome::Crashed,
    //~|     };
    //~|     outcomes.insert("some event", outcome);
    //~| }
    //~ end
    outcomes
}

/// Publishes an event, which takes 100 ms. It refuses an event without a topic, and has a bug. Do not change it.
async fn publish(event: &str) -> Result<(), String> {
    sleep(Duration::from_millis(100)).await;
    let (topic, number) = event.split_once(':').expect("an event has a topic and a number");
    if topic.is_empty() { Err(format!("no topic for {number}")) } else { Ok(()) }
}
