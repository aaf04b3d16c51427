//! The guard is dropped, but its variable lives to the end of the function. And it would ask three times.
//~ does not compile: future cannot be sent between threads safely
/// The prices that a shop knows. What it does not know it looks up.
#[derive(Debug)]
pub struct Prices {
    catalogue: Catalogue,
    known: Mutex<HashMap<&'static str, u32>>,
}

impl Prices {
    pub fn new(catalogue: Catalogue) -> Self {
        Self { catalogue, known: Default::default() }
    }

    /// The price of a product, in cents.
    pub async fn of(&self, product: &'static str) -> Result<u32, Unavailable> {
        let known = self.known.lock().unwrap();
        if let Some(cents) = known.get(product) {
            return Ok(*cents);
        }
        drop(known);
        let cents = self.catalogue.look_up(product).await?;
        self.known.lock().unwrap().insert(product, cents);
        Ok(cents)
    }
}
