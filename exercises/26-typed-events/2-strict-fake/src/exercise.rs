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

// TODO: this fake forgives too much. Which handlers would pass?

/// Remembers that it was called, and answers immediately.
#[derive(Default)]
struct FakeGateway {
    charged: AtomicBool,
}

impl Gateway for FakeGateway {
    async fn charge(&self, _order: u32, _cents: u64) -> Result<(), Declined> {
        self.charged.store(true, Ordering::Relaxed);
        Ok(())
    }
}

/// Says what is wrong with the handler.
pub async fn check(billing: &impl Billing) -> Result<(), String> {
    let gateway = Arc::new(FakeGateway::default());
    let returned = billing.handle(gateway.clone(), 31, 1995).await;
    if returned.is_err() {
        return Err("returned an error, although the card was charged".to_owned());
    }
    if !gateway.charged.load(Ordering::Relaxed) {
        return Err("has charged nothing".to_owned());
    }
    Ok(())
}
