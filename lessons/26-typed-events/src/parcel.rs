//! Parcels are delivered, and each customer is asked for a review: in a batch, or without waiting for it.

use std::sync::Arc;
use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

use crate::bus::{Event, EventBus, Handler};
use crate::report::Handled;

/// A parcel has been delivered.
#[derive(Debug, PartialEq, Eq)]
pub struct Delivered {
    pub parcel: u32,
    /// How long it takes to ask for a review.
    pub takes: Duration,
}

impl Event for Delivered {}

/// Asks for a review.
pub fn review(journal: Journal) -> impl Handler<Delivered, Handled> {
    move |delivered: Arc<Delivered>| {
        let journal = journal.clone();
        async move {
            journal.log("review", format_args!("begins with parcel {}", delivered.parcel));
            sleep(delivered.takes).await;
            journal.log("review", format_args!("is done with parcel {}", delivered.parcel));
            Ok(())
        }
    }
}

/// Parcels 1, 2, …, for which a review takes this long.
pub fn parcels(takes_ms: &[u64]) -> Vec<Delivered> {
    let takes = takes_ms.iter().map(|&ms| Duration::from_millis(ms));
    (1..).zip(takes).map(|(parcel, takes)| Delivered { parcel, takes }).collect()
}

/// Three events, one after another.
pub async fn sequential(journal: Journal) {
    let bus = EventBus::new();
    bus.on_fallible::<Delivered>("review", review(journal.clone()));
    let reports = bus.emit_batch_sequential(parcels(&[110, 40, 70])).await;
    journal.log("shop", format_args!("has {} reports", reports.len()));
}

/// Three events, at most two at a time.
pub async fn concurrent(journal: Journal) {
    let bus = EventBus::new();
    bus.on_fallible::<Delivered>("review", review(journal.clone()));
    let reports = bus.emit_batch_concurrent(parcels(&[110, 40, 70]), 2).await;
    journal.log("shop", format_args!("has {} reports", reports.len()));
}

/// Three events without waiting for them; there is room for two.
pub async fn forgotten(journal: Journal) {
    let bus = EventBus::with_room(2);
    bus.on_fallible::<Delivered>("review", review(journal.clone()));
    for delivered in parcels(&[110, 40, 70]) {
        if let Err(refused) = bus.emit_and_forget(delivered) {
            journal.log("shop", format_args!("has parcel {} back: no room", refused.parcel));
        }
    }
    journal.log("shop", "answers the customer");
    let failed = bus.finish().await;
    journal.log("shop", format_args!("ends; failed events: {failed}"));
}
