//! The scenes: the checkout, wrong and right, and then every pattern of the catalogue.

use std::pin::Pin;

use shared::{Journal, Story};

use crate::catalogue::CATALOGUE;
use crate::{channels, checkout, delivery, failure, flow, state, tasks, waiting, wrong};

/// A scene at work.
pub type Playing = Pin<Box<dyn Future<Output = ()>>>;
/// What starts a scene.
pub type Play = fn(Journal) -> Playing;

/// The program of the chapter's beginning: name, title, and what plays it.
pub const CHECKOUT: [(&str, &str, Play); 2] = [
    ("wrong-tools", "Wrong: an order, the prices and the receipts are lost", |journal| {
        Box::pin(wrong::checkout(journal))
    }),
    ("right-tools", "Right: mpsc, join! and a TaskTracker", |journal| Box::pin(checkout::checkout(journal))),
];

/// The function of each pattern, in the order of `patterns.toml`.
pub const PATTERNS: [(&str, Play); 28] = [
    ("join", |journal| Box::pin(waiting::join(journal))),
    ("try-join", |journal| Box::pin(waiting::try_join(journal))),
    ("select", |journal| Box::pin(waiting::select(journal))),
    ("timeout", |journal| Box::pin(waiting::timeout(journal))),
    ("spawn", |journal| Box::pin(tasks::spawn(journal))),
    ("spawn-blocking", |journal| Box::pin(tasks::spawn_blocking(journal))),
    ("join-set", |journal| Box::pin(tasks::join_set(journal))),
    ("task-tracker", |journal| Box::pin(tasks::task_tracker(journal))),
    ("cancellation-token", |journal| Box::pin(tasks::cancellation_token(journal))),
    ("mpsc", |journal| Box::pin(channels::mpsc(journal))),
    ("oneshot", |journal| Box::pin(channels::oneshot(journal))),
    ("broadcast", |journal| Box::pin(channels::broadcast(journal))),
    ("watch", |journal| Box::pin(channels::watch(journal))),
    ("actor", |journal| Box::pin(state::actor(journal))),
    ("shared-state", |journal| Box::pin(state::shared_state(journal))),
    ("hot-reload", |journal| Box::pin(state::hot_reload(journal))),
    ("stream", |journal| Box::pin(flow::stream(journal))),
    ("micro-batching", |journal| Box::pin(flow::micro_batching(journal))),
    ("fan-out-fan-in", |journal| Box::pin(flow::fan_out_fan_in(journal))),
    ("semaphore", |journal| Box::pin(flow::semaphore(journal))),
    ("rate-limit", |journal| Box::pin(flow::rate_limit(journal))),
    ("retry", |journal| Box::pin(failure::retry(journal))),
    ("circuit-breaker", |journal| Box::pin(failure::circuit_breaker(journal))),
    ("dead-letter", |journal| Box::pin(failure::dead_letter(journal))),
    ("outbox", |journal| Box::pin(delivery::outbox(journal))),
    ("inbox", |journal| Box::pin(delivery::inbox(journal))),
    ("queue-group", |journal| Box::pin(delivery::queue_group(journal))),
    ("request-reply", |journal| Box::pin(delivery::request_reply(journal))),
];

/// What `timeline.txt` and the drawings show. The program plays them one by one: [`play`](crate::play).
pub fn story() -> Story {
    let titles = CATALOGUE.patterns.iter().map(|pattern| pattern.title.as_str());
    let patterns = PATTERNS.into_iter().zip(titles).map(|((name, play), title)| (name, title, play));
    let story = Story::new("Lesson 31: pattern catalogue");
    CHECKOUT
        .into_iter()
        .chain(patterns)
        .fold(story, |story, (name, title, play)| story.scene(name, title, play))
}
