//! Tokio's lock may be held across the look-up, if each product has its own. A caller that gives up releases it, and the next one begins.
/// The prices that a shop knows. What it does not know it looks up.
#[derive(Debug)]
pub struct Prices {
    catalogue: Catalogue,
    known: Mutex<HashMap<&'static str, Arc<tokio::sync::Mutex<Option<u32>>>>>,
}

impl Prices {
    pub fn new(catalogue: Catalogue) -> Self {
        Self { catalogue, known: Default::default() }
    }

    /// The price of a product, in cents.
    pub async fn of(&self, product: &'static str) -> Result<u32, Unavailable> {
        let price = Arc::clone(self.known.lock().unwrap().entry(product).or_default());
        let mut price = price.lock().await;
        if let Some(cents) = *price {
            return Ok(cents);
        }
        let cents = self.catalogue.look_up(product).await?;
        *price = Some(cents);
        Ok(cents)
    }
}
