//! [`Replies`]: which requests wait for a reply. One table a bus, so that a request costs no subscription.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard};

use tokio::sync::oneshot;

use crate::base::counter::Counter;
use crate::topic::reserved::INBOX;
use crate::{Message, Topic};

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
    /// A new request, by its number, and where its reply will be: closed without a value when nobody is left who could.
    pub(crate) fn open(&self) -> (u64, oneshot::Receiver<Message>) {
        let (sender, reply) = oneshot::channel();
        let mut table = self.lock();
        table.last += 1;
        let number = table.last;
        table.waiting.insert(number, sender);
        (number, reply)
    }

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
    pub(crate) fn forget(&self, number: u64) {
        // In two steps: dropping the sender wakes the request, and that is done without the lock.
        let waiting = self.lock().waiting.remove(&number);
        drop(waiting);
    }

    /// Where the request with this number waits: `$INBOX.7-0123456789abcdef`.
    pub(crate) fn topic(&self, number: u64) -> Topic {
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

    /// How many requests wait.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().expect("nothing that can panic runs under this lock")
    }
}
