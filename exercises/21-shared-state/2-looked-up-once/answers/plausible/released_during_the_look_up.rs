//! Compiles, because the guard is gone before the await. But whoever asks meanwhile does not find the price, and looks it up too.
//~ fails with: at 20 ms catalogue logged "is asked about the lamp", which was not expected
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
        let known = self.known.lock().unwrap().get(product).copied();
        if let Some(cents) = known {
            return Ok(cents);
        }
        let cents = self.catalogue.look_up(product).await?;
        self.known.lock().unwrap().insert(product, cents);
        Ok(cents)
    }
}
