//! The actor of lesson 30: one task owns the table, and handles send it commands.
//~ in bus.rs
//~ write
//! A bus in the process: publish and subscribe, with wildcards.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use super::contract::{BusError, Message, Receipt};

enum Command {
    Subscribe { pattern: String, subscriber: Subscriber, done: oneshot::Sender<Result<(), BusError>> },
    Publish { message: Message, receipt: oneshot::Sender<Result<Receipt, BusError>> },
    Count { answer: oneshot::Sender<usize> },
    Shutdown { done: oneshot::Sender<()> },
}

struct Subscriber {
    mailbox: mpsc::Sender<Arc<Message>>,
    missed: Arc<AtomicU64>,
}

#[derive(Clone)]
pub struct Bus {
    commands: mpsc::Sender<Command>,
    slots: usize,
}

pub struct Subscription {
    queue: mpsc::Receiver<Arc<Message>>,
    missed: Arc<AtomicU64>,
}

impl Bus {
    pub fn new(slots: usize) -> Bus {
        let (commands, queue) = mpsc::channel(64);
        tokio::spawn(run(queue));
        Bus { commands, slots }
    }

    pub async fn subscribe(&self, pattern: &str) -> Result<Subscription, BusError> {
        let words: Vec<&str> = pattern.split('.').collect();
        for (at, word) in words.iter().enumerate() {
            let is_good = match *word {
                "*" => true,
                ">" => at + 1 == words.len(),
                word => !word.is_empty() && !word.contains(['*', '>']),
            };
            if !is_good {
                return Err(BusError::BadPattern);
            }
        }
        let (mailbox, queue) = mpsc::channel(self.slots);
        let missed = Arc::new(AtomicU64::new(0));
        let subscriber = Subscriber { mailbox, missed: Arc::clone(&missed) };
        let pattern = pattern.to_owned();
        self.ask(|done| Command::Subscribe { pattern, subscriber, done }).await?;
        Ok(Subscription { queue, missed })
    }

    pub async fn publish(&self, message: Message) -> Result<Receipt, BusError> {
        if message.topic.split('.').any(|word| word.is_empty() || word.contains(['*', '>'])) {
            return Err(BusError::BadTopic);
        }
        self.ask(|receipt| Command::Publish { message, receipt }).await
    }

    pub async fn subscriptions(&self) -> usize {
        let (answer, answered) = oneshot::channel();
        let _ = self.commands.send(Command::Count { answer }).await;
        answered.await.unwrap_or(0)
    }

    pub async fn shutdown(&self) {
        let (done, ended) = oneshot::channel();
        let _ = self.commands.send(Command::Shutdown { done }).await;
        let _ = ended.await;
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, BusError>>) -> Command,
    ) -> Result<T, BusError> {
        let (answer, answered) = oneshot::channel();
        let _ = self.commands.send(command(answer)).await;
        answered.await.unwrap_or(Err(BusError::Closed))
    }
}

impl Subscription {
    pub async fn next(&mut self) -> Option<Arc<Message>> {
        self.queue.recv().await
    }

    pub fn missed(&self) -> u64 {
        self.missed.load(Ordering::Relaxed)
    }
}

/// Ends with the last handle, or with a shutdown, and then drops all mailboxes.
async fn run(mut queue: mpsc::Receiver<Command>) {
    let mut subscribers: Vec<(String, Subscriber)> = Vec::new();
    while let Some(command) = queue.recv().await {
        subscribers.retain(|(_, subscriber)| !subscriber.mailbox.is_closed());
        match command {
            Command::Subscribe { pattern, subscriber, done } => {
                subscribers.push((pattern, subscriber));
                let _ = done.send(Ok(()));
            }
            Command::Publish { message, receipt } => {
                let _ = receipt.send(Ok(deliver(&subscribers, message)));
            }
            Command::Count { answer } => {
                let _ = answer.send(subscribers.len());
            }
            Command::Shutdown { done } => {
                queue.close();
                subscribers.clear();
                let _ = done.send(());
                return;
            }
        }
    }
}

fn deliver(subscribers: &[(String, Subscriber)], message: Message) -> Receipt {
    let (message, mut receipt) = (Arc::new(message), Receipt::default());
    let wanted = subscribers.iter().filter(|(pattern, _)| matches(pattern, &message.topic));
    for (_, subscriber) in wanted {
        match subscriber.mailbox.try_send(Arc::clone(&message)) {
            Ok(()) => receipt.delivered += 1,
            Err(TrySendError::Full(_)) => {
                receipt.dropped += 1;
                subscriber.missed.fetch_add(1, Ordering::Relaxed);
            }
            Err(TrySendError::Closed(_)) => {}
        }
    }
    receipt
}

fn matches(pattern: &str, topic: &str) -> bool {
    let (mut pattern, mut topic) = (pattern.split('.'), topic.split('.'));
    loop {
        match (pattern.next(), topic.next()) {
            (None, None) | (Some(">"), Some(_)) => return true,
            (Some("*"), Some(_)) => {}
            (Some(wanted), Some(word)) if wanted == word => {}
            _ => return false,
        }
    }
}
