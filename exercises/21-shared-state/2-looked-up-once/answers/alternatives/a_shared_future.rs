//! A task looks the price up, so that no caller can drop it, and all callers share its future. A failure takes it out of the map.
type LookUp = futures::future::Shared<futures::future::BoxFuture<'static, Result<u32, Unavailable>>>;

/// The prices that a shop knows. What it does not know it looks up.
#[derive(Debug)]
pub struct Prices {
    catalogue: Catalogue,
    known: Arc<Mutex<HashMap<&'static str, LookUp>>>,
}

impl Prices {
    pub fn new(catalogue: Catalogue) -> Self {
        Self { catalogue, known: Default::default() }
    }

    /// The price of a product, in cents.
    pub async fn of(&self, product: &'static str) -> Result<u32, Unavailable> {
        use futures::FutureExt;
        let look_up = self.known.lock().unwrap().entry(product).or_insert_with(|| {
            let (catalogue, known) = (self.catalogue.clone(), Arc::clone(&self.known));
            let task = tokio::spawn(async move {
                let answer = catalogue.look_up(product).await;
                if answer.is_err() {
                    known.lock().unwrap().remove(product);
                }
                answer
            });
            task.map(|ended| ended.expect("no look-up panics")).boxed().shared()
        }).clone();
        look_up.await
    }
}
