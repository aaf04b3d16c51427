//! Limits around a handler: how many calls run at once, and how many begin in a minute.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use shared::{Journal, Pace};
use tokio::sync::{Mutex, Semaphore};
use tokio::time::{Instant, sleep_until};

use crate::bus::{Event, EventBus, Handler};
use crate::parcel::{Delivered, parcels, review};
use crate::report::Handled;

pub const MINUTE: Duration = Duration::from_secs(60);

/// At most this many calls of the handler run at once. The others wait, each in the task that emits.
// ANCHOR: limits
pub fn at_once<E: Event>(calls: usize, handler: impl Handler<E, Handled>) -> impl Handler<E, Handled> {
    let (permits, handler) = (Arc::new(Semaphore::new(calls)), Arc::new(handler));
    move |event| {
        let (permits, handler) = (Arc::clone(&permits), Arc::clone(&handler));
        async move {
            let _permit = permits.acquire().await.expect("nobody closes the semaphore");
            handler(event).await
        }
    }
}

/// In no window of this length begin more than this many calls. The others wait, in order.
pub fn per_window<E: Event>(
    calls: usize,
    window: Duration,
    handler: impl Handler<E, Handled>,
) -> impl Handler<E, Handled> {
    let (begun, handler) = (Arc::new(Mutex::new(VecDeque::new())), Arc::new(handler));
    move |event| {
        let (begun, handler) = (Arc::clone(&begun), Arc::clone(&handler));
        async move {
            turn(&begun, calls, window).await;
            handler(event).await
        }
    }
}

/// Waits until one more call may begin. It holds the lock while it waits, so the next one queues behind it.
async fn turn(begun: &Mutex<VecDeque<Instant>>, calls: usize, window: Duration) {
    let mut begun = begun.lock().await;
    if begun.len() == calls {
        sleep_until(begun[0] + window).await; // if it is dropped here, nothing has changed
        begun.pop_front();
    }
    begun.push_back(Instant::now());
}
// ANCHOR_END: limits

/// Five events at once, and a handler of which two calls run at once.
pub async fn two_at_once(journal: Journal) {
    let bus = EventBus::new();
    bus.on_fallible::<Delivered>("review", at_once(2, review(journal)));
    bus.emit_batch_concurrent(parcels(&[110, 40, 30, 90, 60]), 5).await;
}

/// Seven events at once, and a handler of which three calls begin in a minute.
pub async fn three_a_minute(journal: Journal, pace: Pace) {
    let bus = EventBus::new();
    bus.on_fallible::<Delivered>("review", per_window(3, pace.of(MINUTE), review(journal)));
    bus.emit_batch_concurrent(parcels(&[0; 7]), 7).await;
}
