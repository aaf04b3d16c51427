//! The first caller looks it up and tells the others. When it gives up, the others are told that the catalogue is unavailable.
//~ fails with: actual:   Err(Unavailable)
/// The prices that a shop knows. What it does not know it looks up.
#[derive(Debug)]
pub struct Prices {
    catalogue: Catalogue,
    known: Mutex<HashMap<&'static str, tokio::sync::watch::Receiver<Option<Result<u32, Unavailable>>>>>,
}

impl Prices {
    pub fn new(catalogue: Catalogue) -> Self {
        Self { catalogue, known: Default::default() }
    }

    /// The price of a product, in cents.
    pub async fn of(&self, product: &'static str) -> Result<u32, Unavailable> {
        use tokio::sync::watch;
        let (mut told, teller) = {
            let mut known = self.known.lock().unwrap();
            match known.get(product) {
                Some(told) => (told.clone(), None),
                None => {
                    let (teller, told) = watch::channel(None);
                    known.insert(product, told.clone());
                    (told, Some(teller))
                }
            }
        };
        if let Some(teller) = teller {
            let answer = self.catalogue.look_up(product).await;
            if answer.is_err() {
                self.known.lock().unwrap().remove(product);
            }
            teller.send_replace(Some(answer));
            return answer;
        }
        told.wait_for(Option::is_some).await.map_or(Err(Unavailable), |answer| answer.expect("it is some"))
    }
}
