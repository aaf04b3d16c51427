//! The scenes that `main` plays and the book shows. On the real clock they take less than 5 s in all.

use shared::{Journal, Pace, Story};

use crate::broker::Broker;
use crate::shop::{Shop, six_orders};
use crate::{relay, writes, wrong};

/// The wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 22: streams")
        .scene("question-mark", "Wrong: `?` in the loop drops the writes in flight", question_mark)
        .scene("one-by-one", "Wrong: one write after another", |journal| async move {
            wrong::one_by_one(six_orders().await, &broker(&journal), &journal).await;
        })
        .scene(
            "unordered",
            "Right: four writes in flight, and each outcome is handled",
            |journal| async move {
                writes::unordered(six_orders().await, &broker(&journal), &journal).await;
            },
        )
        .scene("in-order", "Four writes in flight, with the outcomes in order", |journal| async move {
            writes::in_order(six_orders().await, &broker(&journal), &journal).await;
        })
        .scene("marks-in-the-loop", "Wrong: the body of the loop waits", |journal| async move {
            wrong::marks_in_the_loop(six_orders().await, &broker(&journal), &journal).await;
        })
        .scene("write-and-mark", "Right: each future writes and marks", |journal| async move {
            writes::write_and_mark(six_orders().await, &broker(&journal), &journal).await;
        })
        .hurried_scene("micro-batches", "Micro-batches: 100 payments, or 500 ms", 10, micro_batches)
        .hurried_scene(
            "late-timer",
            "Wrong: one batch after another, and the timer starts late",
            10,
            late_timer,
        )
        .hurried_scene("on-time", "Right: four batches in flight, and the timer starts on time", 10, on_time)
}

/// The scenes of single orders are short enough for the real clock.
fn broker(journal: &Journal) -> Broker {
    Broker::new(Pace::FULL, journal)
}

async fn question_mark(journal: Journal) {
    let written = wrong::question_mark(six_orders().await, &broker(&journal), &journal).await;
    if let Err(refused) = written {
        journal.log("relay", format_args!("ends: {refused}"));
    }
}

async fn micro_batches(journal: Journal, pace: Pace) {
    let ((shop, orders), broker) = (Shop::open(pace, &journal), Broker::new(pace, &journal));
    tokio::join!(shop.a_busy_day(), relay::relay(orders, &broker, &journal, pace));
}

async fn late_timer(journal: Journal, pace: Pace) {
    let ((shop, orders), broker) = (Shop::open(pace, &journal), Broker::new(pace, &journal));
    tokio::join!(shop.two_orders(), wrong::late_timer(orders, &broker, &journal, pace));
}

async fn on_time(journal: Journal, pace: Pace) {
    let ((shop, orders), broker) = (Shop::open(pace, &journal), Broker::new(pace, &journal));
    tokio::join!(shop.two_orders(), relay::relay(orders, &broker, &journal, pace));
}
