//! Exercise 15.3: two calls that change something, at once, and nothing may stay half done.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::sleep;

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
    //~ begin
    // `try_join!` would drop the wait for one of them, and not what it does: so wait for both, and look at both.
    match tokio::join!(shop.reserve(), shop.charge()) {
        (Ok(()), Ok(())) => Told::Bought,
        (Ok(()), Err(told)) => {
            shop.release().await;
            told
        }
        (Err(told), Ok(())) => {
            shop.pay_back().await;
            told
        }
        (Err(told), Err(_)) => told,
    }
    //~ starter
    //~| // TODO: when one of the two fails, what becomes of the other?
    //~| match tokio::try_join!(shop.reserve(), shop.charge()) {
    //~|     Ok(((), ())) => Told::Bought,
    //~|     Err(told) => told,
    //~| }
    //~ end
}

/// The warehouse and the bank. They run elsewhere: what they were asked for they do, whether or not somebody waits for
/// it. Do not change it.
#[derive(Clone, Debug)]
pub struct Shop {
    pub is_in_stock: bool,
    pub is_card_good: bool,
    /// How many lamps are reserved, how many payments are charged.
    pub books: Arc<Mutex<(i32, i32)>>,
}

impl Shop {
    /// The warehouse answers after 100 ms.
    pub async fn reserve(&self) -> Result<(), Told> {
        let change = if self.is_in_stock { (1, 0) } else { (0, 0) };
        self.book(100, change).await;
        if self.is_in_stock { Ok(()) } else { Err(Told::SoldOut) }
    }

    /// Gives a reserved lamp back: 50 ms.
    pub async fn release(&self) {
        self.book(50, (-1, 0)).await;
    }

    /// The bank answers after 200 ms; when it refuses the card, already after 50 ms.
    pub async fn charge(&self) -> Result<(), Told> {
        if self.is_card_good {
            self.book(200, (0, 1)).await;
            Ok(())
        } else {
            self.book(50, (0, 0)).await;
            Err(Told::CardRefused)
        }
    }

    /// Pays a charged amount back: 50 ms.
    pub async fn pay_back(&self) {
        self.book(50, (0, -1)).await;
    }

    async fn book(&self, after_ms: u64, (lamps, payments): (i32, i32)) {
        let books = Arc::clone(&self.books);
        let elsewhere = tokio::spawn(async move {
            sleep(Duration::from_millis(after_ms)).await;
            let mut books = books.lock().expect("booking does not panic");
            *books = (books.0 + lamps, books.1 + payments);
        });
        elsewhere.await.expect("booking does not panic");
    }
}
