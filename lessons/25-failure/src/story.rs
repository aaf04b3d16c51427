//! The scenes that `main` plays and the book shows. On the real clock they take less than 5 s.

use shared::{Journal, Story};

use crate::backoff::Backoff;
use crate::bank::{Bank, Step, dollars};
use crate::relay::{Order, relay};
use crate::{checkout, storm, wrong};

/// An order, and one behind it.
pub const TWO_ORDERS: &[Order] = &[Order { number: 7, cents: 1250 }, Order { number: 8, cents: 4000 }];

/// The bank is slow at first, and answers the second request in time.
pub const SLOW_ONCE: &[Step] = &[Step::Charges(300), Step::Charges(40)];
/// The bank is busy twice.
pub const BUSY_TWICE: &[Step] = &[Step::IsBusy(30), Step::IsBusy(70), Step::Charges(45)];
/// The bank declines one card, as often as it is asked.
pub const DECLINES: &[Step] = &[Step::Declines(40), Step::Declines(60), Step::Declines(50)];
/// The bank declines one card, and then charges another.
pub const DECLINES_ONE: &[Step] = &[Step::Declines(40), Step::Charges(30)];

/// The wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 25: failure")
        .scene("charged-twice", "Wrong: a timeout is taken for a failure", |journal| async move {
            let bank = Bank::new(SLOW_ONCE, &journal);
            wrong::relay(&TWO_ORDERS[..1], &bank, &journal).await;
            audit(&bank, &journal);
        })
        .scene("same-id", "Right: all attempts are the same request", |journal| async move {
            let bank = Bank::new(SLOW_ONCE, &journal);
            relay(&TWO_ORDERS[..1], &bank, &journal).await;
            audit(&bank, &journal);
        })
        .scene("three-attempts", "A failure that passes, and three attempts", |journal| async move {
            relay(&TWO_ORDERS[..1], &Bank::new(BUSY_TWICE, &journal), &journal).await;
        })
        .scene("retries-everything", "Wrong: a permanent failure is retried", |journal| async move {
            wrong::relay(TWO_ORDERS, &Bank::new(DECLINES, &journal), &journal).await;
        })
        .scene("reports", "Right: a permanent failure is reported at once", |journal| async move {
            relay(TWO_ORDERS, &Bank::new(DECLINES_ONE, &journal), &journal).await;
        })
        .scene("lockstep", "Wrong: a hundred callers pause equally long", |journal| {
            storm::measured(journal, |_caller| Backoff::Exact)
        })
        .scene("jitter", "Right: each caller draws its own pauses", |journal| {
            storm::measured(journal, |caller| Backoff::Jitter(fastrand::Rng::with_seed(caller)))
        })
        .scene("no-breaker", "Wrong: every customer waits for a bank that is down", wrong::without_a_breaker)
        .scene("breaker", "Right: the breaker answers, and one probe asks", checkout::with_a_breaker)
}

/// Looks into the bank's books.
fn audit(bank: &Bank, journal: &Journal) {
    journal.log("bank", format_args!("has charged {} in all", dollars(bank.charged_cents())));
}
