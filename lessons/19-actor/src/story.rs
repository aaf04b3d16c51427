//! The scenes that `main` tells and that the book shows. On the real clock they take less than 5 s.

use std::time::Duration;

use shared::{Journal, Story};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::accounts::{self, Payment};
use crate::{partners, shops, wrong};

/// The wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 19: actors")
        .scene("per-event", "Wrong: an actor for each event", |journal| {
            wrong::per_event(three_payments(&journal), journal)
        })
        .scene("per-key", "Right: an actor for each account, spawned once", |journal| {
            accounts::dispatch(three_payments(&journal), journal)
        })
        .scene("get-then-set", "Wrong: two requests for one change", wrong::get_then_set)
        .scene("take", "Right: one request for one change", shops::two_shops)
        .scene("call-each-other", "Wrong: two actors call each other", |journal| async move {
            let patience = Duration::from_millis(500);
            if timeout(patience, wrong::call_each_other(journal.clone())).await.is_err() {
                journal.log("story", "stops watching, all three still wait");
            }
        })
        .scene("one-way", "Right: calls go one way", partners::one_way)
        .scene("gives-up", "Right: who asked has gone, and the actor goes on", shops::gives_up)
}

/// Three payments, 10 ms apart; the first and the last are of account 7.
pub fn three_payments(journal: &Journal) -> mpsc::Receiver<Payment> {
    let (payments, received) = mpsc::channel(8);
    let journal = journal.clone();
    tokio::spawn(async move {
        for account in [7, 8, 7] {
            journal.log("till", format_args!("account {account} pays $600"));
            payments.send(Payment { account, dollars: 600 }).await.expect("somebody receives");
            sleep(Duration::from_millis(10)).await;
        }
    });
    received
}
