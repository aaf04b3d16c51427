//! Exercise 26.2: a test is as good as the faults that it finds. Here you write the test.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::HOUR;
use tokio::time::sleep;

/// The card was declined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declined;

/// What charges cards. Do not change it.
pub trait Gateway: Send + Sync + 'static {
    fn charge(&self, order: u32, cents: u64) -> impl Future<Output = Result<(), Declined>> + Send;
}

/// A handler that charges the customer of an order. Do not change it.
pub trait Billing {
    fn handle(
        &self,
        gateway: Arc<impl Gateway>,
        order: u32,
        cents: u64,
    ) -> impl Future<Output = Result<(), Declined>> + Send;
}

//~ begin
/// Records each charge, and answers after as long as a gateway may take.
struct FakeGateway {
    answer: Result<(), Declined>,
    charges: Mutex<Vec<(u32, u64)>>,
}

impl Gateway for FakeGateway {
    async fn charge(&self, order: u32, cents: u64) -> Result<(), Declined> {
        self.charges.lock().expect("no panic under this lock").push((order, cents));
        sleep(Duration::from_secs(1)).await;
        self.answer
    }
}

/// Says what is wrong with the handler.
pub async fn check(billing: &impl Billing) -> Result<(), String> {
    for answer in [Ok(()), Err(Declined)] {
        let gateway = Arc::new(FakeGateway { answer, charges: Mutex::default() });
        let returned = billing.handle(gateway.clone(), 31, 1995).await;
        sleep(HOUR).await; // what it has left behind has ended by then
        let charges = gateway.charges.lock().expect("no panic under this lock");
        if *charges != [(31, 1995)] {
            return Err(format!("expected one charge of order 31, 1995 cents, but got {charges:?}"));
        }
        if returned != answer {
            return Err(format!("returned {returned:?} when the gateway had answered {answer:?}"));
        }
    }
    Ok(())
}
//~ starter
//~| // TODO: this fake forgives too much. Which handlers would pass?
//~|
//~| /// Remembers that it was called, and answers immediately.
//~| #[derive(Default)]
//~| struct FakeGateway {
//~|     charged: AtomicBool,
//~| }
//~|
//~| impl Gateway for FakeGateway {
//~|     async fn charge(&self, _order: u32, _cents: u64) -> Result<(), Declined> {
//~|         self.charged.store(true, Ordering::Relaxed);
//~|         Ok(())
//~|     }
//~| }
//~|
//~| /// Says what is wrong with the handler.
//~| pub async fn check(billing: &impl Billing) -> Result<(), String> {
//~|     let gateway = Arc::new(FakeGateway::default());
//~|     let returned = billing.handle(gateway.clone(), 31, 1995).await;
//~|     if returned.is_err() {
//~|         return Err("returned an error, although the card was charged".to_owned());
//~|     }
//~|     if !gateway.charged.load(Ordering::Relaxed) {
//~|         return Err("has charged nothing".to_owned());
//~|     }
//~|     Ok(())
//~| }
//~ end
