//! A shop whose customers pay while the bank is down.

use std::sync::Arc;
use std::time::Duration;

use shared::Journal;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::bank::{Bank, Receipt, RequestId};
use crate::breaker::{Breaker, Open};
use crate::outcome::{Outcome, attempt};

/// How long a customer waits for the bank's answer.
pub const LIMIT: Duration = Duration::from_millis(100);
/// How long the bank gives no answer.
pub const DOWN_FOR: Duration = Duration::from_millis(800);
/// When the customers pay, in milliseconds.
const CUSTOMERS: [u64; 11] = [0, 40, 80, 150, 220, 350, 490, 520, 900, 910, 1000];

/// Asks the breaker before each payment.
pub async fn with_a_breaker(journal: Journal) {
    let breaker = Arc::new(Breaker::new(journal.clone()));
    let (bank, breaker) = (&Bank::down_for(DOWN_FOR, &journal), &breaker);
    let pay = |id| {
        let (bank, breaker) = (bank.clone(), Arc::clone(breaker));
        async move { breaker.call(attempt(LIMIT, bank.charge(id, 1250))).await }
    };
    customers(pay, journal).await;
}

/// Lets the customers come, each at its time, and logs what they are told.
pub(crate) async fn customers<F>(pay: impl Fn(RequestId) -> F, journal: Journal)
where
    F: Future<Output = Result<Outcome<Receipt>, Open>> + Send + 'static,
{
    let (start, mut customers) = (Instant::now(), JoinSet::new());
    for (order, at_ms) in (1..).zip(CUSTOMERS) {
        let (paying, journal) = (pay(RequestId(order)), journal.clone());
        customers.spawn(async move {
            sleep_until(start + Duration::from_millis(at_ms)).await;
            match paying.await {
                Ok(outcome) => journal.log("shop", format_args!("order {order}: {outcome}")),
                Err(Open) => journal.log("shop", format_args!("order {order}: not now, try again later")),
            }
        });
    }
    customers.join_all().await;
}
