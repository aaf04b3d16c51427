//! Exercise 15.1: three questions that do not need each other's answers.

pub use services::Services;

/// What the page of a product shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub stock: u32,
    pub cents: u32,
    pub rating: u32,
}

/// Asks the three services for a product, and makes a page of their answers.
pub async fn page(services: &Services, product: &str) -> Page {
    // TODO: this takes the sum of the three. Ask all three at once.
    let stock = services.stock(product).await;
    let cents = services.price(product).await;
    let rating = services.rating(product).await;
    Page { stock, cents, rating }
}

/// The services. Do not change them.
mod services {
    use std::time::Duration;

    use shared::Journal;
    use tokio::time::sleep;

    /// Clones ask the same services.
    #[derive(Clone, Debug)]
    pub struct Services {
        stock: (u64, u32),
        price: (u64, u32),
        rating: (u64, u32),
        journal: Journal,
    }

    impl Services {
        /// Stock, price and rating: how many milliseconds each takes, and what it answers.
        pub fn new([stock, price, rating]: [(u64, u32); 3], journal: Journal) -> Self {
            Self { stock, price, rating, journal }
        }

        /// How many there are.
        pub async fn stock(&self, product: &str) -> u32 {
            self.ask("stock", product, self.stock).await
        }

        /// What it costs, in cents.
        pub async fn price(&self, product: &str) -> u32 {
            self.ask("price", product, self.price).await
        }

        /// How many stars it has.
        pub async fn rating(&self, product: &str) -> u32 {
            self.ask("rating", product, self.rating).await
        }

        async fn ask(&self, service: &str, product: &str, (takes_ms, answer): (u64, u32)) -> u32 {
            self.journal.log(service, format_args!("is asked for the {product}"));
            sleep(Duration::from_millis(takes_ms)).await;
            self.journal.log(service, "answers");
            answer
        }
    }
}
