//! Exercise 15.2: some answers a page must have, and one it can do without.

pub use services::Services;

/// What the page of a product shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    pub stock: u32,
    pub cents: u32,
    /// `None` when the service for ratings has refused. The page is shown without it.
    pub rating: Option<u32>,
}

/// Why a service has not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub &'static str);

/// Makes the page. It needs the stock and the price: when one of them is refused, that is the answer, at once.
pub async fn page(services: &Services) -> Result<Page, Refused> {
    //~ begin
    // Whatever becomes of the rating, it is not an error.
    let rating = async { Ok(services.rating().await.ok()) };
    let (stock, cents, rating) = tokio::try_join!(services.stock(), services.price(), rating)?;
    Ok(Page { stock, cents, rating })
    //~ starter
    //~| // TODO: a refusal is noticed when all three have answered, and without a rating there is no page.
    //~| let (stock, cents, rating) = tokio::join!(services.stock(), services.price(), services.rating());
    //~| Ok(Page { stock: stock?, cents: cents?, rating: Some(rating?) })
    //~ end
}

/// The services. Do not change them.
mod services {
    use std::time::Duration;

    use shared::Journal;
    use tokio::time::sleep;

    use super::Refused;

    /// Clones ask the same services.
    #[derive(Clone, Debug)]
    pub struct Services {
        stock: (u64, Result<u32, Refused>),
        price: (u64, Result<u32, Refused>),
        rating: (u64, Result<u32, Refused>),
        journal: Journal,
    }

    impl Services {
        /// Stock, price and rating: how many milliseconds each takes, and what it answers.
        pub fn new([stock, price, rating]: [(u64, Result<u32, Refused>); 3], journal: Journal) -> Self {
            Self { stock, price, rating, journal }
        }

        /// How many there are.
        pub async fn stock(&self) -> Result<u32, Refused> {
            self.ask("stock", &self.stock).await
        }

        /// What it costs, in cents.
        pub async fn price(&self) -> Result<u32, Refused> {
            self.ask("price", &self.price).await
        }

        /// How many stars it has.
        pub async fn rating(&self) -> Result<u32, Refused> {
            self.ask("rating", &self.rating).await
        }

        async fn ask(
            &self,
            service: &str,
            (takes_ms, answer): &(u64, Result<u32, Refused>),
        ) -> Result<u32, Refused> {
            self.journal.log(service, "is asked");
            sleep(Duration::from_millis(*takes_ms)).await;
            self.journal.log(service, if answer.is_ok() { "answers" } else { "refuses" });
            answer.clone()
        }
    }
}
