//! Exercise 21.2: prices that many tasks ask for, and each of which is looked up once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::sync::OnceCell;
use tokio::task::JoinHandle;

pub use catalogue::{Catalogue, Unavailable};

/// The prices that a shop knows. What it does not know it looks up.
#[derive(Debug)]
pub struct Prices {
    catalogue: Catalogue,
    known: Mutex<HashMap<&'static str, u32>>,
}

impl Prices {
    pub fn new(catalogue: Catalogue) -> Self {
        Self { catalogue, known: Mutex::default() }
    }

    /// The price of a product, in cents.
    pub async fn of(&self, product: &'static str) -> Result<u32, Unavailable> {
        // TODO: who waits for this lock, and for how long?
        let mut known = self.known.lock().expect("nothing panics under this lock");
        if let Some(cents) = known.get(product) {
            return Ok(*cents);
        }
        let cents = self.catalogue.look_up(product).await?;
        known.insert(product, cents);
        Ok(cents)
    }
}

/// Asks for a price in a task of its own. Do not change it.
pub fn ask(prices: Arc<Prices>, product: &'static str) -> JoinHandle<Result<u32, Unavailable>> {
    tokio::spawn(async move { prices.of(product).await })
}

/// The catalogue. Do not change it.
mod catalogue {
    use std::collections::HashMap;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use shared::Journal;
    use tokio::time::sleep;

    /// The catalogue has not answered.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Unavailable;

    type Answer = (u64, Result<u32, Unavailable>);

    /// Knows all prices, and is slow. Clones are handles to the same catalogue.
    #[derive(Clone, Debug)]
    pub struct Catalogue {
        /// What it will answer about each product, the next answer last, and how many milliseconds that takes.
        answers: Arc<Mutex<HashMap<&'static str, Vec<Answer>>>>,
        journal: Journal,
    }

    impl Catalogue {
        /// A catalogue that gives these answers, and about each product the same answer again once it has given all.
        pub fn new(
            answers: impl IntoIterator<Item = (&'static str, u64, Result<u32, Unavailable>)>,
            journal: Journal,
        ) -> Self {
            let mut planned: HashMap<_, Vec<Answer>> = HashMap::new();
            for (product, takes_ms, answer) in answers {
                planned.entry(product).or_default().insert(0, (takes_ms, answer));
            }
            Self { answers: Arc::new(Mutex::new(planned)), journal }
        }

        /// Asks for the price of a product, in cents.
        pub async fn look_up(&self, product: &'static str) -> Result<u32, Unavailable> {
            self.journal.log("catalogue", format_args!("is asked about the {product}"));
            let (takes_ms, answer) = self.next(product);
            sleep(Duration::from_millis(takes_ms)).await;
            answer
        }

        fn next(&self, product: &str) -> Answer {
            let mut answers = self.answers.lock().expect("nothing panics under this lock");
            let left = answers.get_mut(product).expect("a product of the catalogue");
            if left.len() > 1 { left.pop().expect("there are two") } else { left[0] }
        }
    }
}
