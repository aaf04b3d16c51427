//! What the models have in common.

use std::time::Duration;

use capstone_bus::{Bus, Delivery, Message, Overflow, Subscription, Topic};
use loom::future::block_on;

/// Longer than any model.
pub const LONG: Duration = Duration::from_secs(1_000_000);

/// Checks this under all interleavings with at most so many preemptions of a thread; most faults need two.
pub fn check(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    // For those who wait with a timeout; nobody drives it.
    let timers = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let _entered = timers.enter();
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(model);
}

pub fn open(bus: &Bus, capacity: usize, overflow: Overflow) -> Subscription {
    bus.subscription("t").capacity(capacity).overflow(overflow).open().expect("valid options")
}

pub fn message(payload: &str) -> Message {
    Message::new(Topic::new("t").expect("a topic"), payload.to_owned())
}

pub fn text(delivery: &Delivery) -> String {
    String::from_utf8(delivery.payload.to_vec()).expect("text")
}

/// Everything until the end, in order.
pub fn all(mut subscription: Subscription) -> (Vec<String>, Subscription) {
    let mut received = Vec::new();
    while let Some(delivery) = block_on(subscription.recv()) {
        received.push(text(&delivery));
    }
    (received, subscription)
}
