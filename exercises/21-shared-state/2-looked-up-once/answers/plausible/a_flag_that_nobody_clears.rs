//! The first caller leaves a flag in the map, and tells the others when it has ended. When it gives up, the flag stays.
//~ fails with: somebody waits for a price that will never come
/// The prices that a shop knows. What it does not know it looks up.
#[derive(Debug)]
pub struct Prices {
    catalogue: Catalogue,
    /// `None` while the price is looked up.
    known: Mutex<HashMap<&'static str, Option<u32>>>,
    ended: tokio::sync::Notify,
}

impl Prices {
    pub fn new(catalogue: Catalogue) -> Self {
        Self { catalogue, known: Mutex::default(), ended: tokio::sync::Notify::new() }
    }

    /// The price of a product, in cents.
    pub async fn of(&self, product: &'static str) -> Result<u32, Unavailable> {
        loop {
            let ended = self.ended.notified();
            {
                let mut known = self.known.lock().unwrap();
                match known.get(product) {
                    Some(Some(cents)) => return Ok(*cents),
                    Some(None) => {}
                    None => {
                        known.insert(product, None);
                        break;
                    }
                }
            }
            ended.await;
        }
        let answer = self.catalogue.look_up(product).await;
        {
            let mut known = self.known.lock().unwrap();
            match answer {
                Ok(cents) => known.insert(product, Some(cents)),
                Err(_) => known.remove(product),
            };
        }
        self.ended.notify_waiters();
        answer
    }
}
