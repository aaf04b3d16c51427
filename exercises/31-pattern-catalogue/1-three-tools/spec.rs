//! The tests of exercise 31.1. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::schedule::{Tasks, assert_holds};
use shared::{Entry, HOUR, Journal, assert_journal};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::sut::{Broker, relay};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A broker that knows how long each order takes.
#[derive(Clone)]
struct Slow {
    takes_ms: &'static [(u32, u64)],
    journal: Journal,
}

impl Broker for Slow {
    async fn publish(&self, order: u32) {
        let takes_ms =
            self.takes_ms.iter().find(|(known, _)| *known == order).expect("an order of this test").1;
        let mut under_way = UnderWay { order, journal: self.journal.clone(), is_over: false };
        self.journal.log(format_args!("order {order}"), "is sent");
        sleep(ms(takes_ms)).await;
        under_way.is_over = true;
        self.journal.log(format_args!("order {order}"), "is confirmed");
    }
}

struct UnderWay {
    order: u32,
    journal: Journal,
    is_over: bool,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if !self.is_over {
            self.journal.log(format_args!("order {}", self.order), "is dropped");
        }
    }
}

/// How a test ends the relay.
#[derive(Clone, Copy)]
enum End {
    /// The channel ends when all orders are in it.
    WithTheChannel,
    /// The channel stays open, and the relay is told to stop.
    StoppedAt(u64),
    /// The channel stays open, and the relay is dropped.
    DroppedAt(u64),
}
use End::{DroppedAt, StoppedAt, WithTheChannel};

/// Has the orders published, each sent to a channel with one slot as soon as there is room, but not before its time.
async fn story_of(orders: &'static [(u64, u32)], takes_ms: &'static [(u32, u64)], end: End) -> Journal {
    let (journal, stop, (tx, rx)) = (Journal::new(), CancellationToken::new(), mpsc::channel(1));
    let start = Instant::now();
    let shop = tokio::spawn({
        let journal = journal.clone();
        async move {
            for &(at_ms, order) in orders {
                sleep_until(start + ms(at_ms)).await;
                if tx.send(order).await.is_err() {
                    return;
                }
                journal.log("shop", format_args!("has queued order {order}"));
            }
            if !matches!(end, WithTheChannel) {
                tx.closed().await;
            }
        }
    });
    if let StoppedAt(at_ms) = end {
        let (journal, stop) = (journal.clone(), stop.clone());
        tokio::spawn(async move {
            sleep_until(start + ms(at_ms)).await;
            journal.log("main", "tells the relay to stop");
            stop.cancel();
        });
    }
    let limit = if let DroppedAt(at_ms) = end { ms(at_ms) } else { HOUR };
    let relaying = relay(rx, Slow { takes_ms, journal: journal.clone() }, stop);
    match timeout(limit, relaying).await {
        Ok(confirmed) => journal.log("relay", format_args!("returns {confirmed:?}")),
        Err(_) if matches!(end, DroppedAt(_)) => journal.log("relay", "is dropped"),
        Err(_) => journal.log("relay", "has not returned after an hour"),
    }
    sleep(HOUR).await; // what runs on is logged now
    shop.abort();
    journal
}

#[tokio::test(start_paused = true)]
async fn three_are_in_flight_and_the_next_is_taken_when_one_of_them_is_confirmed() {
    let orders = &[(0, 12), (0, 5), (0, 31), (0, 8), (0, 20), (0, 3)];
    let takes_ms = &[(12, 130), (5, 45), (31, 210), (8, 115), (20, 20), (3, 70)];
    assert_journal!(
        story_of(orders, takes_ms, WithTheChannel).await,
        [
            (0, "order 12", "is sent"),
            (0, "order 5", "is sent"),
            (0, "order 31", "is sent"),
            (0, "shop", "has queued order 12"),
            (0, "shop", "has queued order 5"),
            (0, "shop", "has queued order 31"),
            (0, "shop", "has queued order 8"),
            (45, "order 5", "is confirmed"),
            (45, "order 8", "is sent"),
            (45, "shop", "has queued order 20"),
            (130, "order 12", "is confirmed"),
            (130, "order 20", "is sent"),
            (130, "shop", "has queued order 3"),
            (150, "order 20", "is confirmed"),
            (150, "order 3", "is sent"),
            (160, "order 8", "is confirmed"),
            (210, "order 31", "is confirmed"),
            (220, "order 3", "is confirmed"),
            (220, "relay", "returns [5, 12, 20, 8, 31, 3]"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn two_orders_that_are_confirmed_in_the_same_millisecond_are_both_reported() {
    let (tx, rx) = mpsc::channel(3);
    for order in [9, 4, 17] {
        tx.send(order).await.unwrap();
    }
    drop(tx);
    let broker = Slow { takes_ms: &[(9, 60), (4, 60), (17, 60)], journal: Journal::new() };
    let relaying = relay(rx, broker, CancellationToken::new());
    let mut confirmed = timeout(HOUR, relaying).await.expect("the relay has not returned after an hour");
    confirmed.sort_unstable();
    assert_eq!(confirmed, [4, 9, 17], "orders 9, 4 and 17 were confirmed at 60 ms");
}

#[tokio::test(start_paused = true)]
async fn a_stop_takes_no_further_order_and_waits_for_those_in_flight() {
    let orders = &[(0, 7), (10, 2), (20, 40), (30, 11), (30, 6)];
    let takes_ms = &[(7, 105), (2, 240), (40, 65), (11, 10), (6, 10)];
    assert_journal!(
        story_of(orders, takes_ms, StoppedAt(55)).await,
        [
            (0, "shop", "has queued order 7"),
            (0, "order 7", "is sent"),
            (10, "shop", "has queued order 2"),
            (10, "order 2", "is sent"),
            (20, "shop", "has queued order 40"),
            (20, "order 40", "is sent"),
            (30, "shop", "has queued order 11"),
            (55, "main", "tells the relay to stop"),
            (85, "order 40", "is confirmed"),
            (105, "order 7", "is confirmed"),
            (250, "order 2", "is confirmed"),
            (250, "relay", "returns [40, 7, 2]"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_stop_is_noticed_while_nothing_is_in_flight() {
    assert_journal!(
        story_of(&[(15, 7)], &[(7, 25)], StoppedAt(95)).await,
        [
            (15, "shop", "has queued order 7"),
            (15, "order 7", "is sent"),
            (40, "order 7", "is confirmed"),
            (95, "main", "tells the relay to stop"),
            (95, "relay", "returns [7]"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn when_the_relay_is_dropped_nothing_runs_on() {
    assert_journal!(
        story_of(&[(0, 7), (0, 2)], &[(7, 105), (2, 30)], DroppedAt(70)).await,
        [
            (0, "shop", "has queued order 7"),
            (0, "shop", "has queued order 2"),
            (0, "order 7", "is sent"),
            (0, "order 2", "is sent"),
            (30, "order 2", "is confirmed"),
            (70, "relay", "is dropped"),
            (70, "order 7", "is dropped"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_waits_does_not_check_again_and_again() {
    let before = Handle::current().metrics().worker_park_count(0);
    story_of(&[(0, 7)], &[(7, 90_000)], WithTheChannel).await;
    let woken = Handle::current().metrics().worker_park_count(0) - before;
    assert!(woken < 50, "one order was published, and the thread woke up {woken} times meanwhile");
}

/// Two orders, the stop, and the relay: in every order in which they can go on.
#[test]
fn no_schedule_takes_an_order_after_the_stop() {
    let story = |journal: Journal| async move {
        let (stop, (tx, rx)) = (CancellationToken::new(), mpsc::channel(2));
        let shop = async {
            for order in [7, 3] {
                tx.send(order).await.ok(); // fails when the relay has ended
                journal.log("shop", format_args!("has queued order {order}"));
            }
        };
        let main = async {
            sleep(Duration::ZERO).await;
            journal.log("main", "tells the relay to stop");
            stop.cancel();
        };
        let relaying = async {
            let broker = Slow { takes_ms: &[(7, 40), (3, 20)], journal: Journal::new() };
            let confirmed = relay(rx, broker, stop.clone()).await;
            journal.log("relay", format_args!("has taken {}", confirmed.len()));
        };
        Tasks::new().with(relaying).with(shop).with(main).run().await;
    };
    let none_after_the_stop = |journal: &[Entry]| {
        let queued = journal.iter().take_while(|entry| entry.task != "main").count();
        let taken = journal.iter().find_map(|entry| entry.what.strip_prefix("has taken "));
        let taken: usize = taken.and_then(|taken| taken.parse().ok()).expect("it is logged at the end");
        if taken > queued {
            return Err(format!("{queued} were queued before the stop, and the relay has taken {taken}"));
        }
        Ok(())
    };
    assert_holds(story, none_after_the_stop);
}
