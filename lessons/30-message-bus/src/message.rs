//! What is published, and what a subscriber gets of it.

use std::sync::Arc;

/// Something that happened to an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub topic: &'static str,
    pub order: u32,
    pub cents: u32,
    /// How often the order had changed by then. Only the lesson on order across publishers needs it.
    pub version: u32,
}

impl Message {
    /// About an order of $20 that has not changed yet.
    pub fn new(topic: &'static str, order: u32) -> Self {
        Self { topic, order, cents: 2000, version: 1 }
    }
}

/// What arrives at one subscriber.
// ANCHOR: delivery
#[derive(Debug)]
pub struct Delivery {
    pub message: Arc<Message>, // all subscribers share it
    pub missed: u64,           // since the last delivery: messages that found this mailbox full
}
// ANCHOR_END: delivery
