//! Exercise 15.3: two calls that change something, at once, and nothing may stay half done.

pub use shop::Shop;

/// What the customer is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    Bought,
    SoldOut,
    CardRefused,
}

/// Reserves the lamp and charges the card, both at once. A customer who is not told `Bought` has paid nothing, and the
/// lamp is free for others. When both have failed, the answer is `SoldOut`.
pub async fn buy(shop: &Shop) -> Told {
    // TODO: when one of the two fails, what becomes of the other?
    match tokio::try_join!(shop.reserve(), shop.charge()) {
        Ok(((), ())) => Told::Bought,
        Err(told) => told,
    }
}

/// The warehouse and the bank. Do not change them.
mod shop {
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use shared::Journal;
    use tokio::time::sleep;

    use super::Told;

    /// The warehouse and the bank run elsewhere: they do what they were asked to do, even if nobody waits for the answer. Clones
    /// are handles to the same shop.
    #[derive(Clone, Debug)]
    pub struct Shop {
        reserve: (u64, Result<(), Told>),
        charge: (u64, Result<(), Told>),
        /// How many lamps are reserved, and how many payments are charged.
        books: Arc<Mutex<(i32, i32)>>,
        journal: Journal,
    }

    impl Shop {
        /// How many milliseconds a reservation and a charge take, and whether they succeed.
        pub fn new(
            reserve: (u64, Result<(), Told>),
            charge: (u64, Result<(), Told>),
            journal: Journal,
        ) -> Self {
            Self { reserve, charge, books: Arc::default(), journal }
        }

        /// Reserves a lamp.
        pub async fn reserve(&self) -> Result<(), Told> {
            self.call("warehouse", self.reserve, "reserves a lamp", (1, 0)).await
        }

        /// Gives a reserved lamp back. Takes 40 ms.
        pub async fn release(&self) {
            self.call("warehouse", (40, Ok(())), "takes the lamp back", (-1, 0))
                .await
                .expect("it cannot fail");
        }

        /// Charges the card.
        pub async fn charge(&self) -> Result<(), Told> {
            self.call("bank", self.charge, "charges the card", (0, 1)).await
        }

        /// Pays a charged amount back. Takes 60 ms.
        pub async fn pay_back(&self) {
            self.call("bank", (60, Ok(())), "pays back", (0, -1)).await.expect("it cannot fail");
        }

        /// How many lamps are reserved, and how many payments are charged.
        pub fn books(&self) -> (i32, i32) {
            *self.books.lock().expect("booking does not panic")
        }

        async fn call(
            &self,
            who: &'static str,
            (takes_ms, result): (u64, Result<(), Told>),
            what: &'static str,
            (lamps, payments): (i32, i32),
        ) -> Result<(), Told> {
            let shop = self.clone();
            let elsewhere = tokio::spawn(async move {
                sleep(Duration::from_millis(takes_ms)).await;
                if result.is_ok() {
                    let mut books = shop.books.lock().expect("booking does not panic");
                    *books = (books.0 + lamps, books.1 + payments);
                }
                shop.journal.log(who, if result.is_ok() { what } else { "refuses" });
                result
            });
            elsewhere.await.expect("booking does not panic")
        }
    }
}
