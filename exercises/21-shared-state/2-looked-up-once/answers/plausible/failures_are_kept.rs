//! One look-up for each product, for ever: what has failed once is unavailable from then on.
//~ fails with: catalogue was expected to log "is asked about the sofa"
/// The prices that a shop knows. What it does not know it looks up.
#[derive(Debug)]
pub struct Prices {
    catalogue: Catalogue,
    known: Mutex<HashMap<&'static str, Arc<OnceCell<Result<u32, Unavailable>>>>>,
}

impl Prices {
    pub fn new(catalogue: Catalogue) -> Self {
        Self { catalogue, known: Default::default() }
    }

    /// The price of a product, in cents.
    pub async fn of(&self, product: &'static str) -> Result<u32, Unavailable> {
        let cell = Arc::clone(self.known.lock().unwrap().entry(product).or_default());
        *cell.get_or_init(|| self.catalogue.look_up(product)).await
    }
}
