//! Exercise 14.2: a task may fail in two ways, and both are outcomes.

use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::sleep;

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Published,
    /// The broker does not take it; with its reason.
    Refused(String),
    /// Its task has panicked.
    Crashed,
}

/// Publishes all events at once. Returns what became of each, in the order of the events.
pub async fn publish_all(events: Vec<String>) -> Vec<Outcome> {
    let tasks: Vec<JoinHandle<Result<(), String>>> =
        events.into_iter().map(|event| tokio::spawn(publish(event))).collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        //~ begin
        outcomes.push(match task.await {
            Ok(Ok(())) => Outcome::Published,
            Ok(Err(reason)) => Outcome::Refused(reason),
            Err(_panicked) => Outcome::Crashed,
        });
        //~ starter
        //~| // TODO: a panic in one task becomes a panic here. What does `await` on a handle return?
        //~| let published = task.await.unwrap();
        //~| outcomes.push(match published {
        //~|     Ok(()) => Outcome::Published,
        //~|     Err(reason) => Outcome::Refused(reason),
        //~| });
        //~ end
    }
    outcomes
}

/// Publishes an event, which takes 100 ms. It refuses an empty event, and has a bug. Do not change it.
async fn publish(event: String) -> Result<(), String> {
    sleep(Duration::from_millis(100)).await;
    if event.is_empty() {
        return Err("the event is empty".to_owned());
    }
    let (_topic, _payload) = event.split_once(':').expect("an event has a topic");
    Ok(())
}
