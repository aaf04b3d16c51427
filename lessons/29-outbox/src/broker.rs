//! What a broker promises, and one in memory whose messages and confirmations take time.

use std::fmt::{self, Display};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::sleep;

/// What the services tell each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The same whenever the message is published, so that a consumer recognizes it.
    pub id: String,
    pub body: String,
}

impl Message {
    /// The event that an order was placed. Its id is made of the order's.
    pub fn order_placed(order: u32) -> Self {
        Self { id: format!("order-{order}-placed"), body: format!("order {order}: a lamp") }
    }
}

/// Another program, on another machine. What it has stored survives the crash of ours.
// ANCHOR: broker
pub trait Broker {
    /// Completes when the broker has confirmed that it has stored the message. If it fails or is dropped, the message
    /// may have been stored or not.
    fn publish(&self, message: &Message) -> impl Future<Output = Result<(), Unconfirmed>> + Send;
}
// ANCHOR_END: broker

/// The broker did not confirm the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unconfirmed;

/// How long a message takes to the broker, which stores it at once.
pub const TO_THE_BROKER: Duration = Duration::from_millis(30);

/// How long the confirmation takes back.
pub const BACK: Duration = Duration::from_millis(20);

/// A broker that is not affected when the future of a publish is dropped. Clones are handles to the same one.
#[derive(Clone, Debug)]
pub struct MemoryBroker {
    /// A std mutex: it is held for a push and never across an await.
    stored: Arc<Mutex<Vec<Message>>>,
    subscribers: Arc<Mutex<Vec<mpsc::Sender<Message>>>>,
    down: Arc<AtomicBool>,
    journal: Journal,
}

impl MemoryBroker {
    pub fn new(journal: Journal) -> Self {
        Self { stored: Arc::default(), subscribers: Arc::default(), down: Arc::default(), journal }
    }

    /// What it has stored so far.
    pub fn stored(&self) -> Vec<Message> {
        self.stored.lock().expect("a push does not panic").clone()
    }

    /// What it stores from now on. At most 100 messages wait.
    pub fn subscribe(&self) -> mpsc::Receiver<Message> {
        let (tx, rx) = mpsc::channel(100);
        self.subscribers.lock().expect("a push does not panic").push(tx);
        rx
    }

    /// From now on it is down.
    pub fn stop(&self) {
        self.down.store(true, Ordering::Relaxed);
    }

    /// From now on it is up again.
    pub fn start(&self) {
        self.down.store(false, Ordering::Relaxed);
    }
}

impl Broker for MemoryBroker {
    async fn publish(&self, message: &Message) -> Result<(), Unconfirmed> {
        sleep(TO_THE_BROKER).await;
        if self.down.load(Ordering::Relaxed) {
            return Err(Unconfirmed);
        }
        self.journal.log("broker", format_args!("stores {}", message.id));
        self.stored.lock().expect("a push does not panic").push(message.clone());
        for subscriber in self.subscribers.lock().expect("a push does not panic").iter() {
            subscriber.try_send(message.clone()).ok(); // a scene has fewer messages than that
        }
        sleep(BACK).await;
        Ok(())
    }
}

impl Display for Unconfirmed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the broker did not confirm it")
    }
}

impl std::error::Error for Unconfirmed {}
