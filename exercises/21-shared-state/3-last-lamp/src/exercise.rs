//! Exercise 21.3: a lamp is sold once, although its payment takes a while, and may be declined or cut off.

use std::sync::Mutex;

pub use payments::Payments;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Sold,
    /// No lamp was free, so nothing was charged.
    SoldOut,
    Declined,
}

/// The lamps that are not sold, and not reserved for an order that is being paid for.
#[derive(Debug)]
pub struct Stock {
    free: Mutex<u32>,
}

impl Stock {
    pub fn new(lamps: u32) -> Self {
        Self { free: Mutex::new(lamps) }
    }

    /// How many lamps are free.
    pub fn free(&self) -> u32 {
        *self.free.lock().expect("nothing panics under this lock")
    }
}

impl Stock {
    /// Sells one lamp. Dropped before it has returned, it has sold none.
    pub async fn sell(&self, order: u32, payments: &Payments) -> Outcome {
        if self.free() == 0 {
            return Outcome::SoldOut;
        }
        // TODO: is the lamp that was free still free when this has returned? And what if it never returns?
        if !payments.charge(order).await {
            return Outcome::Declined;
        }
        let mut free = self.free.lock().expect("nothing panics under this lock");
        *free = free.saturating_sub(1);
        Outcome::Sold
    }
}

/// The payment service. Do not change it.
mod payments {
    use std::collections::HashMap;
    use std::time::Duration;

    use shared::Journal;
    use tokio::time::sleep;

    #[derive(Debug)]
    pub struct Payments {
        /// How many milliseconds the charge of each order takes, and whether it succeeds.
        charges: HashMap<u32, (u64, bool)>,
        journal: Journal,
    }

    impl Payments {
        /// A service that needs so many milliseconds for each order, and charges it or declines.
        pub fn new(charges: impl IntoIterator<Item = (u32, u64, bool)>, journal: Journal) -> Self {
            let charges =
                charges.into_iter().map(|(order, takes_ms, succeeds)| (order, (takes_ms, succeeds)));
            Self { charges: charges.collect(), journal }
        }

        /// Charges the customer of an order. `false` means that the payment was declined. A charge that is dropped before it
        /// has returned charges nothing.
        pub async fn charge(&self, order: u32) -> bool {
            let name = format!("order {order}");
            let (takes_ms, succeeds) = self.charges[&order];
            self.journal.log(&name, "begins to pay");
            sleep(Duration::from_millis(takes_ms)).await;
            self.journal.log(&name, if succeeds { "is charged" } else { "is declined" });
            succeeds
        }
    }
}
