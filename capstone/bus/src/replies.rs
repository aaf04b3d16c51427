//! Which requests wait for a reply: one table a bus, so that a request costs no subscription.
//!
//! A message that was published by a request carries a [`Link`]. It leads whoever responds back to the bus, and its end,
//! with the last copy of the message, tells the request that nobody is left who could.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use tokio::sync::oneshot;

use crate::shared::{Counter, Shared};
use crate::{Message, Topic};

/// The first token of the topics that requests wait at.
pub(crate) const INBOX: &str = "$INBOX";

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Replies {
    /// Of the standard library: locked for a look-up, and never across an await.
    table: Mutex<Table>,
    /// Signs the numbers, with a key that the system has drawn for this bus: who knows one inbox cannot say the next.
    sign: RandomState,
    late: Counter,
}

#[derive(Debug, Default)]
struct Table {
    /// The last number given away. Numbers are never used again, so a late reply cannot meet the wrong request.
    last: u64,
    waiting: HashMap<u64, oneshot::Sender<Message>>,
}

impl Replies {
    /// Gives a reply to the request that waits for it. Says no, and counts it as late, when there is none.
    pub(crate) fn answer(&self, reply: &Message) -> bool {
        let waiting = self.number(&reply.topic).and_then(|number| self.lock().waiting.remove(&number));
        // The request may be dropped at this very moment.
        let answered = waiting.is_some_and(|waiting| waiting.send(reply.clone()).is_ok());
        if !answered {
            self.late.add_one();
        }
        answered
    }

    pub(crate) fn late(&self) -> u64 {
        self.late.get()
    }

    /// Ends a request: nobody is left who could reply, or it does not wait any more. Without effect when it has its
    /// reply.
    fn forget(&self, number: u64) {
        // In two steps: dropping the sender wakes the request, and that is done without the lock.
        let waiting = self.lock().waiting.remove(&number);
        drop(waiting);
    }

    /// Where the request with this number waits: `$INBOX.7-0123456789abcdef`.
    fn topic(&self, number: u64) -> Topic {
        let signature = self.sign.hash_one(number);
        Topic::new(format!("{INBOX}.{number}-{signature:016x}")).expect("a number and a dash are a token")
    }

    /// The request that waits there, if this bus has made the topic.
    fn number(&self, topic: &Topic) -> Option<u64> {
        let mut tokens = topic.tokens().skip(1);
        let (number, signature) = tokens.next()?.split_once('-')?;
        let number = number.parse().ok()?;
        let signed = u64::from_str_radix(signature, 16) == Ok(self.sign.hash_one(number));
        (signed && tokens.next().is_none()).then_some(number)
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().expect("nothing that can panic runs under this lock")
    }
}

/// A place in the table, held by the request. Dropping it makes a reply from then on a late one.
#[derive(Debug)]
pub(crate) struct Inbox {
    shared: Arc<Shared>,
    number: u64,
    /// Closed without a value when nobody is left who could reply.
    pub(crate) reply: oneshot::Receiver<Message>,
}

impl Inbox {
    pub(crate) fn open(shared: &Arc<Shared>) -> Self {
        let (sender, reply) = oneshot::channel();
        let mut table = shared.replies.lock();
        table.last += 1;
        let number = table.last;
        table.waiting.insert(number, sender);
        drop(table);
        Self { shared: Arc::clone(shared), number, reply }
    }

    /// The message as this request sends it.
    pub(crate) fn address(&self, message: &Message) -> Message {
        let topic = self.shared.replies.topic(self.number);
        let link = Link::to_request(&self.shared, self.number);
        Message { reply: Some(topic), link, ..message.clone() }
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.shared.replies.forget(self.number);
    }
}

/// The way back from a message to the bus that it was published on; all copies of the message share it.
#[derive(Clone, Default)]
pub(crate) struct Link(Option<Arc<End>>);

/// Weak, because a message that lies in a mailbox must not keep its bus alive.
struct End {
    shared: Weak<Shared>,
    /// Absent when whoever asked is no request of this bus.
    request: Option<u64>,
    /// Somebody who holds no copy has promised to reply.
    handed_over: AtomicBool,
}

impl Link {
    /// Leads to this bus, unless it leads somewhere already: a request that is passed on is still the same request.
    pub(crate) fn to(&mut self, shared: &Arc<Shared>) {
        self.0.get_or_insert_with(|| Arc::new(End::new(shared, None)));
    }

    fn to_request(shared: &Arc<Shared>, number: u64) -> Self {
        Self(Some(Arc::new(End::new(shared, Some(number)))))
    }

    /// The bus, unless it is no more.
    pub(crate) fn bus(&self) -> Option<Arc<Shared>> {
        self.0.as_ref()?.shared.upgrade()
    }

    /// The end of the last copy says nothing any more.
    pub(crate) fn hand_over(&self) {
        if let Some(end) = &self.0 {
            end.handed_over.store(true, Ordering::Relaxed);
        }
    }
}

impl End {
    fn new(shared: &Arc<Shared>, request: Option<u64>) -> Self {
        Self { shared: Arc::downgrade(shared), request, handed_over: AtomicBool::new(false) }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        if let Some(number) = self.request
            && !*self.handed_over.get_mut()
            && let Some(shared) = self.shared.upgrade()
        {
            shared.replies.forget(number);
        }
    }
}

/// Messages are equal when what was published is.
impl PartialEq for Link {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Link {}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Link" } else { "none" })
    }
}

#[cfg(test)]
mod tests {
    use crate::Bus;

    use super::*;

    #[test]
    fn a_request_that_is_over_leaves_nothing_in_the_table() {
        let bus = Bus::new();
        let message = Message::new(Topic::new("t").expect("a topic"), "m");
        let inbox = Inbox::open(bus.shared());
        let sent = inbox.address(&message);
        sent.link.hand_over();
        drop(inbox);
        assert_eq!(bus.shared().replies.lock().waiting.len(), 0);
        // The end of the message comes later, and finds nothing to end.
        drop(sent);
        assert_eq!(bus.shared().replies.lock().last, 1);
    }
}
