//! The same ideas gone wrong. `tests/lesson.rs` proves what each one does: it stops, hangs, loses, or shows what is old.

use std::sync::Arc;
use std::time::Duration;

use shared::Journal;
use tokio::sync::{RwLock, mpsc, oneshot};
use tokio::time::sleep;

use crate::board::board;
use crate::bus::{Bus, bus};
use crate::calls::{Failed, SERVICES, two_customers};
use crate::message::{Delivery, Message};
use crate::relay::{READING_TAKES, Row};
use crate::slow::{self, Carries};
use crate::wanted::Wanted;

/// Knows everybody: the customer waits for all of them, and fails with each of them.
pub async fn direct_calls(journal: Journal) {
    two_customers(&journal, async |order| place_order(order, &journal).await).await;
}

// ANCHOR: direct-calls
async fn place_order(order: u32, journal: &Journal) -> Result<(), Failed> {
    let [billing, mail, report] = SERVICES;
    billing.call(order, journal).await?;
    mail.call(order, journal).await?;
    report.call(order, journal).await
}
// ANCHOR_END: direct-calls

type Subscriber = (Wanted, mpsc::Sender<Delivery>);

/// Stops: the lock is held while a publisher waits for one subscriber.
// ANCHOR: locked
#[derive(Clone, Default)]
pub struct LockedBus {
    subscribers: Arc<RwLock<Vec<Subscriber>>>,
}

impl Carries for LockedBus {
    async fn publish(&self, message: Message) {
        let message = Arc::new(message);
        let subscribers = self.subscribers.read().await;
        for (_, mailbox) in subscribers.iter().filter(|(wanted, _)| wanted.wants(&message)) {
            let delivery = Delivery { message: message.clone(), missed: 0 };
            mailbox.send(delivery).await.ok(); // waits for the slowest, and holds the lock
        }
    }

    async fn subscribe(&self, wanted: Wanted) -> mpsc::Receiver<Delivery> {
        let (mailbox, deliveries) = mpsc::channel(wanted.slots);
        self.subscribers.write().await.push((wanted, mailbox));
        deliveries
    }
}
// ANCHOR_END: locked

/// A slow subscriber on the bus with the lock.
pub async fn locked(journal: Journal) {
    slow::play(LockedBus::default(), journal).await;
}

/// Stops: the actor waits for one subscriber, and handles no command meanwhile.
#[derive(Clone)]
pub struct WaitingBus {
    commands: mpsc::Sender<Command>,
}

enum Command {
    Subscribe(Wanted, mpsc::Sender<Delivery>, oneshot::Sender<()>),
    Publish(Message),
}

impl WaitingBus {
    pub fn spawn() -> Self {
        let (commands, queue) = mpsc::channel(8);
        tokio::spawn(waiting_actor(queue));
        Self { commands }
    }
}

// ANCHOR: waiting
async fn waiting_actor(mut queue: mpsc::Receiver<Command>) {
    let mut subscribers: Vec<Subscriber> = Vec::new();
    while let Some(command) = queue.recv().await {
        match command {
            Command::Subscribe(wanted, mailbox, done) => {
                subscribers.push((wanted, mailbox));
                done.send(()).ok();
            }
            Command::Publish(message) => {
                let message = Arc::new(message);
                for (_, mailbox) in subscribers.iter().filter(|(wanted, _)| wanted.wants(&message)) {
                    let delivery = Delivery { message: message.clone(), missed: 0 };
                    mailbox.send(delivery).await.ok(); // and the whole bus waits
                }
            }
        }
    }
}
// ANCHOR_END: waiting

impl Carries for WaitingBus {
    async fn publish(&self, message: Message) {
        self.commands.send(Command::Publish(message)).await.expect("the actor runs");
    }

    async fn subscribe(&self, wanted: Wanted) -> mpsc::Receiver<Delivery> {
        let (mailbox, deliveries) = mpsc::channel(wanted.slots);
        let (done, subscribed) = oneshot::channel();
        self.commands.send(Command::Subscribe(wanted, mailbox, done)).await.expect("the actor runs");
        subscribed.await.expect("the actor runs");
        deliveries
    }
}

/// A slow subscriber on the actor that waits.
pub async fn waiting(journal: Journal) {
    slow::play(WaitingBus::spawn(), journal).await;
}

/// Hangs: the actor exists, and nobody runs it.
// ANCHOR: never-run
pub async fn never_run(journal: Journal) {
    let (bus, _actor) = bus(2);
    for order in 1..=3 {
        let queued = bus.publish(Message::new("orders.created", order)).await.expect("the bus is open");
        journal.log("shop", format_args!("has published order {order}"));
        drop(queued); // the shop needs no receipt
    }
}
// ANCHOR_END: never-run

/// Loses: marks a row when its message is queued.
// ANCHOR: marks-queued
pub async fn marks_queued(bus: &Bus, rows: &mut [Row], journal: &Journal) {
    for row in rows.iter_mut().filter(|row| !row.sent) {
        sleep(READING_TAKES).await;
        if bus.publish(Message::new("orders.created", row.order)).await.is_ok() {
            row.sent = true;
            journal.log("relay", format_args!("marks order {}", row.order));
        }
    }
}
// ANCHOR_END: marks-queued

/// Shows what is old: takes the last message on a topic for the newest.
// ANCHOR: last-is-newest
pub async fn last_is_newest(publishing_takes: [Duration; 2], journal: Journal) -> u32 {
    board(publishing_takes, journal, |shown, message| *shown = message.clone()).await
}
// ANCHOR_END: last-is-newest
