//! Several responders: the first answer, or all answers that arrive in time.

use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

use crate::bus::Bus;

/// Where suppliers are asked for an offer.
pub const OFFERS: &str = "offers.get";
/// The suppliers, how long each takes to answer in ms, and its price for a lamp in dollars.
pub const SUPPLIERS: [(&str, u64, u32); 3] = [("north", 30, 43), ("south", 70, 39), ("west", 150, 35)];

/// A bus on which each supplier is a task that answers with its price.
pub fn start(suppliers: &[(&'static str, u64, u32)], journal: &Journal) -> Bus {
    let bus = Bus::default();
    for &(name, takes_ms, dollars) in suppliers {
        let (bus, mut requests, journal) = (bus.clone(), bus.subscribe(OFFERS), journal.clone());
        tokio::spawn(async move {
            loop {
                let request = requests.recv().await;
                sleep(Duration::from_millis(takes_ms)).await;
                let late = if bus.respond(&request, &dollars.to_string()) { "" } else { ", too late" };
                journal.log(name, format_args!("offers ${dollars}{late}"));
            }
        });
    }
    bus
}

/// Takes the first offer.
pub async fn first(bus: Bus, journal: Journal) {
    match bus.request(OFFERS, "lamp", Duration::from_millis(100)).await {
        Ok(offer) => journal.log("buyer", format_args!("takes the first offer: ${}", offer.payload)),
        Err(error) => journal.log("buyer", error),
    }
}

/// Waits for offers for 100 ms at most, and takes the lowest.
// ANCHOR: lowest
pub async fn lowest(bus: Bus, journal: Journal) {
    let offers = bus.request_all(OFFERS, "lamp", Duration::from_millis(100)).await.unwrap_or_default();
    let dollars = offers.iter().filter_map(|offer| offer.payload.parse::<u32>().ok());
    match dollars.min() {
        Some(lowest) => journal.log("buyer", format_args!("takes the lowest of {}: ${lowest}", offers.len())),
        None => journal.log("buyer", "has no offer"),
    }
}
// ANCHOR_END: lowest
