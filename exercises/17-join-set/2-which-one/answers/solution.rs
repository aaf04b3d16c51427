//! Exercise 17.2: some tasks panic and some are aborted. Which event was it?

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

/// Takes events. The tests bring their own, and only it knows what becomes of each event, and when.
pub trait Broker: Clone + Send + Sync + 'static {
    /// Returns when the event is published, or refused for a reason. It has a bug: for some events it panics.
    fn publish(&self, event: &'static str) -> impl Future<Output = Result<(), String>> + Send;
}

/// An event of the outbox.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    pub name: &'static str,
    /// When an operator stops it, unless it has ended before.
    pub stopped_after: Option<Duration>,
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Published,
    /// The broker refused it, for this reason.
    Refused(String),
    /// Its task panicked.
    Crashed,
    /// Its task was aborted.
    Stopped,
}

/// Publishes all events at once. Returns what became of each, by its name, when the last one has ended.
pub async fn publish_all(events: &[Event], broker: impl Broker) -> BTreeMap<&'static str, Outcome> {
    let mut outcomes = BTreeMap::new();
    //~ begin
    let (mut tasks, mut names) = (JoinSet::new(), HashMap::new());
    for &event in events {
        let broker = broker.clone();
        let task = tasks.spawn(async move { broker.publish(event.name).await });
        names.insert(task.id(), event.name);
        stop_later(event, task);
    }
    // An error knows the id of its task, and whether the task panicked.
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
    //~| let mut tasks = JoinSet::new();
    //~| for &event in events {
    //~|     let broker = broker.clone();
    //~|     let task = tasks.spawn(async move { broker.publish(event.name).await });
    //~|     stop_later(event, task);
    //~| }
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

/// The operator: aborts the task when the event is to be stopped. Do not change it.
fn stop_later(event: Event, task: AbortHandle) {
    if let Some(after) = event.stopped_after {
        tokio::spawn(async move {
            sleep(after).await;
            task.abort(); // does nothing if the task has ended
        });
    }
}
