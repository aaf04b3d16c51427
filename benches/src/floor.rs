//! What a message costs before anybody moves it, and a delivery if it is handed out counted: nanoseconds.

use std::hint::black_box;
use std::sync::Arc;

use capstone_bus::Message;
use tokio::time::Instant;

use crate::peers;

const TIMES: usize = 1_000_000;

/// Made and freed by the same thread.
pub fn made_ns() -> f64 {
    let topic = peers::topic();
    each_ns(|| drop(black_box(Arc::new(Message::new(topic.clone(), peers::PAYLOAD)))))
}

/// Counted up and down, by one thread that has the count to itself.
pub fn counted_ns() -> f64 {
    let message = Arc::new(Message::new(peers::topic(), peers::PAYLOAD));
    each_ns(|| drop(black_box(Arc::clone(&message))))
}

fn each_ns(mut run: impl FnMut()) -> f64 {
    let since = Instant::now();
    (0..TIMES).for_each(|_| run());
    since.elapsed().as_nanos() as f64 / TIMES as f64
}
