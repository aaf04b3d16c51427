//! Two callers find no cell under the first lock, and each adds one under the second.
//~ fails with: the catalogue is asked 2 times
/// The prices that a shop knows. What it does not know it looks up.
#[derive(Debug)]
pub struct Prices {
    catalogue: Catalogue,
    known: tokio::sync::Mutex<HashMap<&'static str, Arc<OnceCell<u32>>>>,
}

impl Prices {
    pub fn new(catalogue: Catalogue) -> Self {
        Self { catalogue, known: Default::default() }
    }

    /// The price of a product, in cents.
    pub async fn of(&self, product: &'static str) -> Result<u32, Unavailable> {
        let known = self.known.lock().await.get(product).cloned();
        let cell = match known {
            Some(cell) => cell,
            None => {
                let cell = Arc::new(OnceCell::new());
                self.known.lock().await.insert(product, Arc::clone(&cell));
                cell
            }
        };
        cell.get_or_try_init(|| self.catalogue.look_up(product)).await.copied()
    }
}
