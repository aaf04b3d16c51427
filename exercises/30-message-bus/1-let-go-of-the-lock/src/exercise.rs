//! Exercise 30.1: one slow subscriber, and the whole bus waits.

use std::sync::Arc;

use futures::future::join_all;
use tokio::sync::{RwLock, mpsc};

/// A bus without a task of its own. Clones share the subscribers.
#[derive(Clone, Default)]
pub struct Bus {
    subscribers: Arc<RwLock<Vec<Subscriber>>>,
}

#[derive(Clone)]
struct Subscriber {
    topic: &'static str,
    mailbox: mpsc::Sender<u32>,
}

impl Bus {
    /// Receives each order that is published on this topic from now on. The mailbox has so many slots.
    pub async fn subscribe(&self, topic: &'static str, slots: usize) -> mpsc::Receiver<u32> {
        let (mailbox, orders) = mpsc::channel(slots);
        self.subscribers.write().await.push(Subscriber { topic, mailbox });
        orders
    }

    /// Waits until every subscriber of the topic has the order in its mailbox, or is gone. Returns how many have it.
    pub async fn publish(&self, topic: &'static str, order: u32) -> usize {
        // TODO: what does everybody else wait for while one mailbox is full?
        let mut have_it = 0;
        for subscriber in self.subscribers.read().await.iter() {
            if subscriber.topic == topic && subscriber.mailbox.send(order).await.is_ok() {
                have_it += 1;
            }
        }
        have_it
    }
}
