//! A service behind a trait: the program has one that charges cards, and a test has a fake that counts.

use std::sync::Arc;

use crate::bus::Handler;
use crate::order::OrderPlaced;
use crate::report::Handled;

/// The card was declined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("card declined")]
pub struct Declined;

/// What charges cards.
// ANCHOR: gateway
pub trait Gateway: Send + Sync + 'static {
    fn charge(&self, order: u32, cents: u32) -> impl Future<Output = Result<(), Declined>> + Send;
}

pub fn billing(gateway: Arc<impl Gateway>) -> impl Handler<OrderPlaced, Handled> {
    move |placed: Arc<OrderPlaced>| {
        let gateway = Arc::clone(&gateway);
        async move { Ok(gateway.charge(placed.order, placed.cents).await?) }
    }
}
// ANCHOR_END: gateway
