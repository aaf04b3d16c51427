//! The scenes that `main` runs and the book shows. On the real clock they take less than 5 s.

use std::time::Duration;

use shared::{Journal, Story};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::accounts::{Payment, dispatch, dispatch_or_refuse};
use crate::{partners, shops, wrong};

/// How many payments fit into a mailbox. The scenes with a burst use smaller ones.
pub const SLOTS: usize = 8;

/// Three payments as account and dollars; the first and the last are of account 7.
pub const THREE_PAYMENTS: &[(u32, u32)] = &[(7, 600), (8, 600), (7, 600)];
/// Four payments of account 7 in a row, and then one of account 8.
pub const A_BURST: &[(u32, u32)] = &[(7, 200), (7, 200), (7, 200), (7, 200), (8, 600)];

/// The wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 19: actors")
        .scene("per-event", "Wrong: an actor for each event", |journal| {
            wrong::per_event(till(THREE_PAYMENTS, &journal), journal)
        })
        .scene("per-key", "Right: an actor for each account, spawned once", |journal| {
            dispatch(till(THREE_PAYMENTS, &journal), SLOTS, journal)
        })
        .scene("full-mailbox", "Wrong: a full mailbox holds up every account", |journal| {
            dispatch(till(A_BURST, &journal), 2, journal)
        })
        .scene("refused", "Right: a payment that does not fit is refused", |journal| {
            dispatch_or_refuse(till(A_BURST, &journal), 2, journal)
        })
        .scene("get-then-set", "Wrong: two requests for one change", wrong::get_then_set)
        .scene("take", "Right: one request for one change", shops::two_shops)
        .scene("call-each-other", "Wrong: two actors call each other", |journal| async move {
            let patience = Duration::from_millis(500);
            if timeout(patience, wrong::call_each_other(journal.clone())).await.is_err() {
                journal.log("story", "stops watching; all three are still waiting");
            }
        })
        .scene("one-way", "Right: calls go one way", partners::one_way)
        .scene("gives-up", "Right: the caller has gone, and the actor continues", shops::gives_up)
}

/// Payments as account and dollars, one every 10 ms.
pub fn till(paid: &'static [(u32, u32)], journal: &Journal) -> mpsc::Receiver<Payment> {
    let (payments, received) = mpsc::channel(8);
    let journal = journal.clone();
    tokio::spawn(async move {
        for &(account, dollars) in paid {
            journal.log("till", format_args!("account {account} pays ${dollars}"));
            payments.send(Payment { account, dollars }).await.expect("somebody receives");
            sleep(Duration::from_millis(10)).await;
        }
    });
    received
}
