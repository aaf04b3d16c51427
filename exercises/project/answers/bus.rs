//! A bus in the process: publish and subscribe, with wildcards.

//~ begin
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use tokio::sync::mpsc;
//~ starter
//~| use std::sync::Arc;
//~ end

use super::contract::{BusError, Message, Receipt};

// ANCHOR: api
/// A handle to a bus. Clones are handles to the same bus, which ends with the last one.
#[derive(Clone)]
pub struct Bus {
    //~ begin
    /// A std mutex: it is held while a message is offered, which awaits nothing.
    table: Arc<Mutex<Table>>,
    slots: usize,
    //~ starter
    //~| // Milestone 6 begins here.
    //~ end
}

/// What one subscriber receives. Dropping it unsubscribes.
pub struct Subscription {
    //~ begin
    id: u64,
    queue: mpsc::Receiver<Arc<Message>>,
    missed: Arc<AtomicU64>,
    /// Weak: a subscription does not keep the bus alive.
    table: Weak<Mutex<Table>>,
    //~ starter
    //~| // What it holds is up to you.
    //~ end
}

impl Bus {
    /// A bus on which each subscription has a queue of this many slots.
    pub fn new(slots: usize) -> Bus {
        //~ begin
        Bus { table: Arc::default(), slots }
        //~ starter
        //~| Bus {}
        //~ end
    }

    /// From the return on, every message whose topic matches is offered to the subscription.
    pub async fn subscribe(&self, pattern: &str) -> Result<Subscription, BusError> {
        //~ begin
        let pattern = parse(pattern)?;
        let (mailbox, queue) = mpsc::channel(self.slots);
        let missed = Arc::new(AtomicU64::new(0));
        let mut table = locked(&self.table);
        if table.is_closed {
            return Err(BusError::Closed);
        }
        table.last_id += 1;
        let id = table.last_id;
        table.subscribers.insert(id, Subscriber { pattern, mailbox, missed: Arc::clone(&missed) });
        Ok(Subscription { id, queue, missed, table: Arc::downgrade(&self.table) })
        //~ starter
        //~| Ok(Subscription {})
        //~ end
    }

    /// Offers the message to every subscription that wants it, and waits for none of them.
    pub async fn publish(&self, message: Message) -> Result<Receipt, BusError> {
        //~ begin
        if message.topic.split('.').any(|word| word.is_empty() || word.contains(['*', '>'])) {
            return Err(BusError::BadTopic);
        }
        let message = Arc::new(message);
        let table = locked(&self.table);
        if table.is_closed {
            return Err(BusError::Closed);
        }
        let mut receipt = Receipt::default();
        for subscriber in table.subscribers.values() {
            if !matches(&subscriber.pattern, &message.topic) {
                continue;
            }
            if subscriber.mailbox.try_send(Arc::clone(&message)).is_ok() {
                receipt.delivered += 1;
            } else {
                receipt.dropped += 1;
                subscriber.missed.fetch_add(1, Ordering::Relaxed);
            }
        }
        Ok(receipt)
        //~ starter
        //~| Ok(Receipt::default())
        //~ end
    }

    /// How many subscriptions there are.
    pub async fn subscriptions(&self) -> usize {
        //~ begin
        locked(&self.table).subscribers.len()
        //~ starter
        //~| 0
        //~ end
    }

    /// From the return on, nothing is published. Each subscription ends when its queue is empty.
    //~ begin
    pub async fn shutdown(&self) {
        let mut table = locked(&self.table);
        table.is_closed = true;
        table.subscribers.clear(); // drops the senders; what is queued stays
    }
    //~ starter
    //~| pub async fn shutdown(&self) {}
    //~ end
}

impl Subscription {
    /// The next message, or `None` when the bus has ended and the queue is empty. Dropping the future loses no message.
    pub async fn next(&mut self) -> Option<Arc<Message>> {
        //~ begin
        self.queue.recv().await
        //~ starter
        //~| None
        //~ end
    }

    /// How many messages were dropped because the queue was full.
    pub fn missed(&self) -> u64 {
        //~ begin
        self.missed.load(Ordering::Relaxed)
        //~ starter
        //~| 0
        //~ end
    }
}
// ANCHOR_END: api
//~ begin

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(table) = self.table.upgrade() {
            locked(&table).subscribers.remove(&self.id);
        }
    }
}

#[derive(Default)]
struct Table {
    /// By id, so that all subscribers see the messages in the same order.
    subscribers: BTreeMap<u64, Subscriber>,
    last_id: u64,
    is_closed: bool,
}

struct Subscriber {
    pattern: Vec<String>,
    mailbox: mpsc::Sender<Arc<Message>>,
    missed: Arc<AtomicU64>,
}

fn parse(pattern: &str) -> Result<Vec<String>, BusError> {
    let words: Vec<String> = pattern.split('.').map(str::to_owned).collect();
    let is_wildcard = |word: &str| word == "*" || word == ">";
    let bad = |(at, word): (usize, &String)| {
        word.is_empty()
            || (word.contains(['*', '>']) && !is_wildcard(word))
            || (word == ">" && at + 1 < words.len())
    };
    if words.iter().enumerate().any(bad) { Err(BusError::BadPattern) } else { Ok(words) }
}

fn matches(pattern: &[String], topic: &str) -> bool {
    let mut words = topic.split('.');
    for wanted in pattern {
        match (wanted.as_str(), words.next()) {
            (">", Some(_)) => return true,
            ("*", Some(_)) => {}
            (wanted, Some(word)) if wanted == word => {}
            _ => return false,
        }
    }
    words.next().is_none()
}

fn locked(table: &Mutex<Table>) -> MutexGuard<'_, Table> {
    table.lock().expect("offering a message does not panic")
}
//~ starter
//~ end
