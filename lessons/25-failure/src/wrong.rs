//! The same ideas gone wrong. The tests prove what each one does: it charges twice, wastes time, or never recovers.

use std::sync::Mutex;
use std::time::Duration;

use shared::Journal;
use tokio::time::{Instant, sleep, timeout};

use crate::backoff::{BASE, longest};
use crate::bank::{Bank, RequestId};
use crate::breaker::{Breaker, OPEN_FOR, Open, sign_of};
use crate::checkout;
use crate::outcome::{Outcome, attempt};
use crate::relay::{LIMIT, Order};

/// Charges twice: a timeout counts as a failure, and each attempt is a new request. Wastes time: a permanent failure is retried.
// ANCHOR: relay
pub async fn relay(orders: &[Order], bank: &Bank, journal: &Journal) {
    let mut last_id = 100;
    for Order { number, cents } in orders {
        for attempt in 1..=3 {
            last_id += 1; // a new id for each attempt
            match timeout(LIMIT, bank.charge(RequestId(last_id), *cents)).await {
                Ok(Ok(_receipt)) => {
                    journal.log("relay", format_args!("order {number}: paid"));
                    break;
                }
                Ok(Err(_)) | Err(_) => journal.log("relay", format_args!("order {number}: failed")),
            }
            sleep(longest(attempt)).await; // also after the last attempt
        }
    }
}
// ANCHOR_END: relay

/// Overflows: in a debug build it panics after 33 failures, in a release build the pause becomes nothing.
// ANCHOR: longest
pub fn longest_unchecked(failures: u32) -> Duration {
    BASE * 2_u32.pow(failures - 1)
}
// ANCHOR_END: longest

/// Waits in vain: each customer asks a bank that does not answer.
pub async fn without_a_breaker(journal: Journal) {
    let bank = &Bank::down_for(checkout::DOWN_FOR, &journal);
    let pay = |id| {
        let bank = bank.clone();
        async move { Ok(attempt(checkout::LIMIT, bank.charge(id, 1250)).await) }
    };
    checkout::customers(pay, journal).await;
}

/// A breaker without the half-open phase.
pub struct NeverHalfOpen {
    pub open_until: Mutex<Instant>,
}

impl NeverHalfOpen {
    /// Floods: when the pause is over, everybody goes through.
    pub async fn call<T>(&self, attempt: impl Future<Output = Outcome<T>>) -> Result<Outcome<T>, Open> {
        if Instant::now() < *self.open_until.lock().expect("nothing panics under this lock") {
            return Err(Open);
        }
        let outcome = attempt.await;
        if let Outcome::Unknown = outcome {
            *self.open_until.lock().expect("nothing panics under this lock") = Instant::now() + OPEN_FOR;
        }
        Ok(outcome)
    }
}

/// Never recovers: when the probe is dropped at its await, it is not reported, and the breaker stays half-open.
// ANCHOR: unreported
pub async fn call_unreported<T>(
    breaker: &Breaker,
    attempt: impl Future<Output = Outcome<T>>,
) -> Result<Outcome<T>, Open> {
    let round = breaker.begin()?;
    let outcome = attempt.await; // when the caller gives up, it is dropped here
    breaker.report(round, sign_of(&outcome));
    Ok(outcome)
}
// ANCHOR_END: unreported
