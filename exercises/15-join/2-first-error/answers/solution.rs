//! Exercise 15.2: some answers a page must have, and one it can do without.

use std::time::Duration;

use tokio::time::sleep;

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
    // Whatever becomes of the rating, it is no error.
    let rating = async { Ok(services.rating().await.ok()) };
    let (stock, cents, rating) = tokio::try_join!(services.stock(), services.price(), rating)?;
    Ok(Page { stock, cents, rating })
    //~ starter
    //~| // TODO: a refusal is noticed when all three have answered, and a page without a rating is no page.
    //~| let (stock, cents, rating) = tokio::join!(services.stock(), services.price(), services.rating());
    //~| Ok(Page { stock: stock?, cents: cents?, rating: Some(rating?) })
    //~ end
}

/// What the services answer. The stock does so after 100 ms, the price after 300 ms, the rating after 50 ms. Do not
/// change it.
#[derive(Clone, Debug)]
pub struct Services {
    pub stock: Result<u32, Refused>,
    pub price: Result<u32, Refused>,
    pub rating: Result<u32, Refused>,
}

impl Services {
    pub async fn stock(&self) -> Result<u32, Refused> {
        sleep(Duration::from_millis(100)).await;
        self.stock.clone()
    }

    pub async fn price(&self) -> Result<u32, Refused> {
        sleep(Duration::from_millis(300)).await;
        self.price.clone()
    }

    pub async fn rating(&self) -> Result<u32, Refused> {
        sleep(Duration::from_millis(50)).await;
        self.rating.clone()
    }
}
