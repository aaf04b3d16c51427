//! The subscribers, and what becomes of a message at each of them. It awaits nothing and knows no task, so an actor can
//! own it, or a lock can guard it.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;

use crate::message::{Delivery, Message};
use crate::wanted::Wanted;

/// Tells subscriptions apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubscriptionId(u64);

/// What became of one message.
// ANCHOR: receipt
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    pub delivered: usize, // mailboxes that have it
    pub dropped: usize,   // mailboxes that were full
}
// ANCHOR_END: receipt

/// What was counted so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    pub published: u64,
    pub delivered: u64,
    pub dropped: u64,
    /// Messages that nobody wanted.
    pub unmatched: u64,
    /// Subscribers in the table.
    pub subscribers: usize,
}

struct Subscriber {
    id: SubscriptionId,
    wanted: Wanted,
    mailbox: mpsc::Sender<Delivery>,
    delivered: u64,
    /// Since the last delivery.
    missed: u64,
}

/// See the module.
#[derive(Default)]
pub struct Table {
    subscribers: Vec<Subscriber>,
    last_id: u64,
    counted: Statistics,
}

impl Table {
    /// Every message from now on is offered to this mailbox, if it is wanted.
    pub fn subscribe(&mut self, wanted: Wanted, mailbox: mpsc::Sender<Delivery>) -> SubscriptionId {
        self.forget_the_gone();
        self.last_id += 1;
        let id = SubscriptionId(self.last_id);
        self.subscribers.push(Subscriber { id, wanted, mailbox, delivered: 0, missed: 0 });
        id
    }

    /// Drops the sender of the mailbox: what is queued can still be received, and then it ends.
    pub fn unsubscribe(&mut self, id: SubscriptionId) {
        self.subscribers.retain(|subscriber| subscriber.id != id);
    }

    // ANCHOR: deliver
    pub fn deliver(&mut self, message: Message) -> Receipt {
        self.forget_the_gone();
        let message = Arc::new(message);
        let (mut receipt, mut chosen) = (Receipt::default(), BTreeMap::new());
        for at in 0..self.subscribers.len() {
            match self.subscribers[at].wanted {
                ref wanted if !wanted.wants(&message) => {}
                Wanted { group: None, .. } => receipt.add(self.subscribers[at].offer(&message)),
                Wanted { group: Some(group), .. } => {
                    let best = chosen.entry(group).or_insert(at);
                    if self.subscribers[at].is_less_busy_than(&self.subscribers[*best]) {
                        *best = at;
                    }
                }
            }
        }
        for at in chosen.into_values() {
            receipt.add(self.subscribers[at].offer(&message));
        }
        self.counted.add(receipt);
        receipt
    }

    /// A dropped `Receiver` closes its mailbox, and nobody tells the bus: it looks.
    fn forget_the_gone(&mut self) {
        self.subscribers.retain(|subscriber| !subscriber.mailbox.is_closed());
    }
    // ANCHOR_END: deliver

    pub fn statistics(&self) -> Statistics {
        Statistics { subscribers: self.subscribers.len(), ..self.counted }
    }
}

enum Offer {
    Delivered,
    Dropped,
    /// The subscriber has gone since the bus looked.
    Gone,
}

impl Subscriber {
    /// Never waits: what finds the mailbox full is dropped, and the next delivery says so.
    // ANCHOR: offer
    fn offer(&mut self, message: &Arc<Message>) -> Offer {
        let delivery = Delivery { message: Arc::clone(message), missed: self.missed };
        match self.mailbox.try_send(delivery) {
            Ok(()) => {
                self.missed = 0;
                self.delivered += 1;
                Offer::Delivered
            }
            Err(TrySendError::Full(_)) => {
                self.missed += 1;
                Offer::Dropped
            }
            Err(TrySendError::Closed(_)) => Offer::Gone,
        }
    }
    // ANCHOR_END: offer

    /// More free slots; among equals, fewer messages so far.
    fn is_less_busy_than(&self, other: &Self) -> bool {
        let load = |member: &Self| (std::cmp::Reverse(member.mailbox.capacity()), member.delivered);
        load(self) < load(other)
    }
}

impl Receipt {
    /// Whether there was a subscriber, and every one has the message.
    pub fn reached_all(self) -> bool {
        self.delivered > 0 && self.dropped == 0
    }

    fn add(&mut self, offer: Offer) {
        match offer {
            Offer::Delivered => self.delivered += 1,
            Offer::Dropped => self.dropped += 1,
            Offer::Gone => {}
        }
    }
}

impl Statistics {
    fn add(&mut self, receipt: Receipt) {
        self.published += 1;
        self.delivered += receipt.delivered as u64;
        self.dropped += receipt.dropped as u64;
        self.unmatched += u64::from(receipt == Receipt::default());
    }
}
