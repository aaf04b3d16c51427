//! A connection on which a reply belongs to the request before it. An actor owns it, so that no caller can leave in between.

use std::time::Duration;

use shared::Journal;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

use crate::sales::price;

/// How long the server takes to reply.
pub const REPLY_TAKES: Duration = Duration::from_millis(100);
/// How long the first shop waits.
pub const PATIENCE: Duration = Duration::from_millis(50);

/// A connection to the server that knows the prices. It replies in the order of the requests, as on a socket.
#[derive(Debug)]
pub struct Connection {
    requests: mpsc::Sender<&'static str>,
    replies: mpsc::Receiver<u32>,
}

// ANCHOR: connection
impl Connection {
    /// Not cancel safe: dropped between the two awaits, it leaves a reply behind that nobody expects.
    pub async fn ask(&mut self, product: &'static str) -> u32 {
        self.requests.send(product).await.expect("the server listens");
        self.replies.recv().await.expect("the server replies")
    }
}
// ANCHOR_END: connection

impl Connection {
    /// Connects to a server of its own.
    pub fn open(journal: Journal) -> Self {
        let (requests, mut received) = mpsc::channel::<&str>(8);
        let (sent, replies) = mpsc::channel(8);
        tokio::spawn(async move {
            while let Some(product) = received.recv().await {
                sleep(REPLY_TAKES).await;
                journal.log("server", format_args!("replies ${} for a {product}", price(product)));
                sent.send(price(product)).await.ok();
            }
        });
        Self { requests, replies }
    }
}

/// Two shops ask an actor.
pub async fn actor(journal: Journal) {
    let (requests, mailbox) = mpsc::channel(8);
    tokio::spawn(price_actor(Connection::open(journal.clone()), mailbox, journal.clone()));
    two_shops(journal, async |product| {
        let (answer, answered) = oneshot::channel();
        requests.send(Ask { product, answer }).await.expect("the actor has a mailbox");
        answered.await.expect("the actor answers")
    })
    .await;
}

// ANCHOR: actor
struct Ask {
    product: &'static str,
    answer: oneshot::Sender<u32>,
}

async fn price_actor(mut connection: Connection, mut mailbox: mpsc::Receiver<Ask>, journal: Journal) {
    while let Some(Ask { product, answer }) = mailbox.recv().await {
        let dollars = connection.ask(product).await; // no caller can drop this future
        if answer.send(dollars).is_err() {
            journal.log("actor", format_args!("drops ${dollars}: nobody waits for it"));
        }
    }
}
// ANCHOR_END: actor

/// The first shop gives up after 50 ms. The second asks at 20 ms, and waits.
pub(crate) async fn two_shops(journal: Journal, ask: impl AsyncFn(&'static str) -> u32) {
    let impatient = async {
        journal.log("shop 1", "asks for the price of a lamp");
        if timeout(PATIENCE, ask("lamp")).await.is_err() {
            journal.log("shop 1", "gives up");
        }
    };
    let patient = async {
        sleep(Duration::from_millis(20)).await;
        journal.log("shop 2", "asks for the price of a chair");
        let dollars = ask("chair").await;
        journal.log("shop 2", format_args!("sells a chair for ${dollars}"));
    };
    tokio::join!(impatient, patient);
}
