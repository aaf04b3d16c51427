//! A bus in a few dozen lines: from each topic to the mailboxes of its subscribers. It keeps no message, and never waits.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Display;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::mpsc;

/// The first part of the topics that requests wait at.
pub const INBOX: &str = "$INBOX.";

/// How many messages fit into the mailbox of a subscription.
pub const SLOTS: usize = 8;

// ANCHOR: message
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub topic: String,
    pub payload: String,
    /// The topic on which the sender expects an answer, if it expects one.
    pub reply_to: Option<String>,
    pub headers: BTreeMap<&'static str, String>,
}
// ANCHOR_END: message

impl Message {
    /// A message without headers that expects no answer.
    pub fn new(topic: impl Into<String>, payload: impl Into<String>) -> Self {
        Self { topic: topic.into(), payload: payload.into(), reply_to: None, headers: BTreeMap::new() }
    }

    /// Adds a header.
    pub fn with(mut self, header: &'static str, value: impl Display) -> Self {
        self.headers.insert(header, value.to_string());
        self
    }
}

/// A handle to the bus. Clones are handles to the same one.
// ANCHOR: bus
#[derive(Clone, Default)]
pub struct Bus {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    topics: Mutex<HashMap<String, Vec<Subscriber>>>, // std's: it is never held across an await
    last_number: AtomicU64,
    late_replies: AtomicU64,
}

#[derive(Clone)]
struct Subscriber {
    number: u64,
    wants: Arc<dyn Fn(&Message) -> bool + Send + Sync>,
    mailbox: mpsc::Sender<Message>,
}

impl Bus {
    /// Offers the message to each subscriber that wants it, and returns how many have taken it. It does not wait: a
    /// subscriber whose mailbox is full misses the message.
    pub fn publish(&self, message: Message) -> usize {
        let subscribers = self.topics().get(&message.topic).cloned().unwrap_or_default();
        // The lock has been released: filters are foreign code, and `try_send` wakes the receiver.
        let wanting = subscribers.iter().filter(|subscriber| (subscriber.wants)(&message));
        let taken = wanting.filter(|subscriber| subscriber.mailbox.try_send(message.clone()).is_ok()).count();
        if taken == 0 && message.topic.starts_with(INBOX) {
            self.shared.late_replies.fetch_add(1, Ordering::Relaxed);
        }
        taken
    }

    /// Subscribes to the messages of this topic that the filter lets pass.
    pub fn subscribe_where(
        &self,
        topic: &str,
        wants: impl Fn(&Message) -> bool + Send + Sync + 'static,
    ) -> Subscription {
        self.subscription(topic, SLOTS, wants)
    }
}
// ANCHOR_END: bus

impl Bus {
    /// Subscribes to all messages of this topic, from now on.
    pub fn subscribe(&self, topic: &str) -> Subscription {
        self.subscribe_where(topic, |_| true)
    }

    /// Subscribes to a topic that no other has, and that is never used again.
    // ANCHOR: inbox
    pub(crate) fn inbox(&self, slots: usize) -> Subscription {
        self.subscription(&self.inbox_topic(), slots, |_| true)
    }

    pub(crate) fn inbox_topic(&self) -> String {
        format!("{INBOX}{}", self.fresh_number())
    }
    // ANCHOR_END: inbox

    fn fresh_number(&self) -> u64 {
        self.shared.last_number.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn subscription(
        &self,
        topic: &str,
        slots: usize,
        wants: impl Fn(&Message) -> bool + Send + Sync + 'static,
    ) -> Subscription {
        let (number, messages) = self.add(topic, slots, wants);
        Subscription { bus: self.clone(), topic: topic.to_owned(), number, messages }
    }

    /// Adds a subscriber, and returns its number and its mailbox. It stays until it is removed.
    pub(crate) fn add(
        &self,
        topic: &str,
        slots: usize,
        wants: impl Fn(&Message) -> bool + Send + Sync + 'static,
    ) -> (u64, mpsc::Receiver<Message>) {
        let (mailbox, messages) = mpsc::channel(slots);
        let number = self.fresh_number();
        let subscriber = Subscriber { number, wants: Arc::new(wants), mailbox };
        self.topics().entry(topic.to_owned()).or_default().push(subscriber);
        (number, messages)
    }

    /// Removes a subscriber, and the topic with its last one.
    pub(crate) fn remove(&self, topic: &str, number: u64) {
        let mut topics = self.topics();
        if let Some(subscribers) = topics.get_mut(topic) {
            subscribers.retain(|subscriber| subscriber.number != number);
            if subscribers.is_empty() {
                topics.remove(topic);
            }
        }
    }

    /// How many inboxes the bus knows: one for each request that is waiting, if nothing has leaked.
    pub fn inboxes(&self) -> usize {
        self.topics().keys().filter(|topic| topic.starts_with(INBOX)).count()
    }

    /// How many replies found no request that was waiting for them.
    pub fn late_replies(&self) -> u64 {
        self.shared.late_replies.load(Ordering::Relaxed)
    }

    fn topics(&self) -> MutexGuard<'_, HashMap<String, Vec<Subscriber>>> {
        self.shared.topics.lock().expect("nothing that can panic runs under this lock")
    }
}

/// A place on the bus and its mailbox. Dropping it unsubscribes, and drops what is still in the mailbox.
// ANCHOR: subscription
#[must_use = "dropping it unsubscribes"]
pub struct Subscription {
    bus: Bus,
    topic: String,
    number: u64,
    messages: mpsc::Receiver<Message>,
}

impl Subscription {
    /// What it is subscribed to.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// The next message. Cancel safe, because `recv` of the channel is.
    pub async fn recv(&mut self) -> Message {
        self.messages.recv().await.expect("the bus keeps the sender until this is dropped")
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.bus.remove(&self.topic, self.number);
    }
}
// ANCHOR_END: subscription
