//! An actor owns the prices and the list of those that wait. A task looks each price up and sends it back to the actor.
use tokio::sync::{mpsc, oneshot};

type Answer = Result<u32, Unavailable>;

#[derive(Debug)]
struct Ask {
    product: &'static str,
    answer: oneshot::Sender<Answer>,
}

async fn actor(catalogue: Catalogue, mut mailbox: mpsc::Receiver<Ask>) {
    let (found, mut look_ups) = mpsc::channel(8);
    let mut known: HashMap<&'static str, u32> = HashMap::new();
    let mut waiting: HashMap<&'static str, Vec<oneshot::Sender<Answer>>> = HashMap::new();
    loop {
        tokio::select! {
            asked = mailbox.recv() => {
                let Some(Ask { product, answer }) = asked else { return };
                if let Some(cents) = known.get(product) {
                    answer.send(Ok(*cents)).ok();
                    continue;
                }
                let waiting = waiting.entry(product).or_default();
                if waiting.is_empty() {
                    let (catalogue, found) = (catalogue.clone(), found.clone());
                    tokio::spawn(async move { found.send((product, catalogue.look_up(product).await)).await });
                }
                waiting.push(answer);
            }
            Some((product, price)) = look_ups.recv() => {
                if let Ok(cents) = price {
                    known.insert(product, cents);
                }
                for answer in waiting.remove(product).into_iter().flatten() {
                    answer.send(price).ok();
                }
            }
        }
    }
}

/// The prices that a shop knows. What it does not know it looks up.
#[derive(Debug)]
pub struct Prices {
    catalogue: Catalogue,
    known: tokio::sync::OnceCell<tokio::sync::mpsc::Sender<Ask>>,
}

impl Prices {
    pub fn new(catalogue: Catalogue) -> Self {
        Self { catalogue, known: Default::default() }
    }

    /// The price of a product, in cents.
    pub async fn of(&self, product: &'static str) -> Result<u32, Unavailable> {
        let spawn = || async {
            let (mailbox, asked) = mpsc::channel(8);
            tokio::spawn(actor(self.catalogue.clone(), asked));
            mailbox
        };
        let (answer, answered) = oneshot::channel();
        let mailbox = self.known.get_or_init(spawn).await;
        mailbox.send(Ask { product, answer }).await.expect("the actor lives as long as its mailbox");
        answered.await.expect("the actor answers")
    }
}
