//! What this lesson claims of every schedule. `cargo x schedule 16` tests it.

use std::time::Duration;

use shared::schedule::{Claim, Claims, Tasks, any_ms};
use shared::{Entry, Journal};
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

use crate::{busy, relay, wrong};

/// Each wrong version comes before the right one.
pub fn claims() -> Claims {
    let nothing_lost = Claim::in_every_schedule(
        "nothing-lost",
        "Every order that the shop sends is published, whenever it comes",
        every_order_is_published,
    )
    .wrong("the branch receives, and then awaits", |journal| at_any_time(journal, wrong::lost_in_the_loop))
    .right("the branch receives, the handler works", |journal| at_any_time(journal, relay::relay));
    let stops = Claim::in_every_schedule(
        "stops",
        "No order is handled that was sent after the stop, whichever task goes on first",
        nothing_after_the_stop,
    )
    .wrong("orders are polled first", |journal| stopped(journal, wrong::orders_first))
    .right("the stop is polled first", |journal| stopped(journal, busy::stop_first));
    Claims::of_lesson(16).claim(nothing_lost).claim(stops)
}

fn every_order_is_published(journal: &[Entry]) -> Result<(), String> {
    for sent in journal.iter().filter_map(|entry| entry.what.strip_prefix("sends ")) {
        let published = format!("publishes {sent}");
        if journal.iter().all(|entry| entry.what != published) {
            return Err(format!("{sent} is sent, and never published"));
        }
    }
    Ok(())
}

/// Orders come at moments that end in 3 ms, at least 100 ms apart. So two branches are never ready at once, and `select!` has
/// nothing to roll its dice for: a seed repeats a run.
async fn at_any_time(journal: Journal, relay: impl AsyncFn(mpsc::Receiver<u32>, Journal)) {
    let (tx, rx) = mpsc::channel(3);
    let shop = async {
        for (order, at_least_ms) in [(1, 13), (2, 100)] {
            sleep(Duration::from_millis(at_least_ms) + any_ms(0..=9) * 10).await;
            journal.log("shop", format_args!("sends order {order}"));
            tx.send(order).await.expect("the relay outlives the shop");
        }
        sleep(Duration::from_millis(80)).await;
        drop(tx);
    };
    Tasks::new().with(shop).with(relay(rx, journal.clone())).run().await;
}

fn nothing_after_the_stop(journal: &[Entry]) -> Result<(), String> {
    let sent_before = journal.iter().take_while(|entry| entry.task != "operator").count();
    let handled = journal.iter().find_map(|entry| entry.what.strip_prefix("has handled "));
    let handled: usize = handled.and_then(|count| count.parse().ok()).expect("the handler says so");
    if handled > sent_before {
        return Err(format!("{sent_before} sent before the stop, {handled} handled"));
    }
    Ok(())
}

async fn stopped(journal: Journal, handle: impl AsyncFn(mpsc::Receiver<u32>, oneshot::Receiver<()>) -> u32) {
    let ((orders, queue), (stop, stopped)) = (mpsc::channel(3), oneshot::channel());
    let shop = async {
        for order in 1..=3 {
            if orders.send(order).await.is_err() {
                break;
            }
            journal.log("shop", format_args!("has sent order {order}"));
        }
    };
    let operator = async {
        stop.send(()).ok(); // not async; fails when the handler has ended with the channel
        journal.log("operator", "stops the handler");
    };
    let handler = async {
        let handled = handle(queue, stopped).await;
        journal.log("handler", format_args!("has handled {handled}"));
    };
    Tasks::new().with(shop).with(operator).with(handler).run().await;
}
