//! What the other modules share: short ways to publish and to tell a story, and a future that is dropped half-way.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use capstone_bus::{Bus, Delivery, Message, Overflow, PublishError, Receipt, Subscription, Topic};
use tokio::task::JoinHandle;
use tokio::time::Instant;

#[track_caller]
pub(crate) fn topic(text: &str) -> Topic {
    Topic::new(text).expect("a topic")
}

#[track_caller]
pub(crate) fn message(topic_text: &str, payload: &str) -> Message {
    Message::new(topic(topic_text), payload.to_owned())
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn block(timeout_ms: u64) -> Overflow {
    Overflow::Block { timeout: ms(timeout_ms) }
}

/// A subscription to everything with this capacity and overflow.
#[track_caller]
pub(crate) fn open(bus: &Bus, capacity: usize, overflow: Overflow) -> Subscription {
    bus.subscription(">").capacity(capacity).overflow(overflow).open().expect("valid options")
}

/// Publishes payloads to `t`, without waiting.
#[track_caller]
pub(crate) fn fill<const N: usize>(bus: &Bus, payloads: [&str; N]) {
    for payload in payloads {
        let _ = bus.try_publish(message("t", payload)).expect("the bus is open");
    }
}

/// Three tasks that publish to `t` until the bus is closed: how many copies each got rid of, and what was refused.
pub(crate) fn flood(bus: &Bus) -> [JoinHandle<(usize, Message)>; 3] {
    [(); 3].map(|()| {
        let bus = bus.clone();
        tokio::spawn(async move {
            let mut enqueued = 0;
            loop {
                match bus.publish(message("t", "m")).await {
                    Ok(receipt) => enqueued += receipt.enqueued,
                    Err(PublishError::Closed(message)) => return (enqueued, message),
                    Err(error) => panic!("{error}"),
                }
            }
        })
    })
}

/// Matched, enqueued, dropped.
pub(crate) fn counts(receipt: Receipt) -> (usize, usize, usize) {
    (receipt.matched, receipt.enqueued, receipt.dropped)
}

/// The payload, and the gap in front of it if there is one: `b`, `-2 d`.
pub(crate) fn told(delivery: &Delivery) -> String {
    let payload = std::str::from_utf8(&delivery.payload).expect("tests publish text");
    match delivery.gap() {
        0 => payload.to_owned(),
        gap => format!("-{gap} {payload}"),
    }
}

/// A key: the letter in front, `k` of `k1`. What begins with a dash has none.
pub(crate) fn letter(message: &Message) -> Option<u8> {
    assert_ne!(message.payload, "panic", "the function's own");
    message.payload.first().copied().filter(|letter| *letter != b'-')
}

/// Everything that is queued.
pub(crate) fn drain(subscription: &mut Subscription) -> Vec<String> {
    std::iter::from_fn(|| subscription.try_recv().ok()).map(|delivery| told(&delivery)).collect()
}

/// The clock of a test: says how many milliseconds have passed since it was started.
pub(crate) struct Clock(Instant);

impl Clock {
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn ms(&self) -> u128 {
        self.0.elapsed().as_millis()
    }
}

/// Polls a future `polls` times; when it is woken once more, drops it and is `None`.
///
/// So the drop comes after the event that would have let the future go on: the worst moment. With 0 it is never
/// polled.
pub(crate) fn drop_at<F: Future>(polls: usize, future: F) -> DropAt<F> {
    DropAt { future: Some(Box::pin(future)), polls_left: polls }
}

pub(crate) struct DropAt<F> {
    future: Option<Pin<Box<F>>>,
    polls_left: usize,
}

impl<F: Future> Future for DropAt<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls_left == 0 {
            self.future = None;
            return Poll::Ready(None);
        }
        self.polls_left -= 1;
        let future = self.future.as_mut().expect("not polled after it was ready");
        future.as_mut().poll(cx).map(Some)
    }
}
