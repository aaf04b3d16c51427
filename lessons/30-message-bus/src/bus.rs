//! The bus as an actor: one task owns the table, and everybody else sends it commands.
//!
//! With `unused_must_use` denied, as in this workspace, a message that is queued and forgotten does not compile:
//!
//! ```compile_fail
//! # #![deny(unused_must_use)]
//! # async fn shop(bus: lesson_30::bus::Bus, message: lesson_30::message::Message) -> Result<(), lesson_30::bus::Refused> {
//! bus.publish(message).await?;
//! # Ok(())
//! # }
//! ```
//!
//! If nobody needs the receipt, the code says so:
//!
//! ```
//! # #![deny(unused_must_use)]
//! # async fn shop(bus: lesson_30::bus::Bus, message: lesson_30::message::Message) -> Result<(), lesson_30::bus::Refused> {
//! drop(bus.publish(message).await?);
//! # Ok(())
//! # }
//! ```

use std::fmt::{self, Display};

use tokio::sync::{mpsc, oneshot};

use crate::message::{Delivery, Message};
use crate::table::{Receipt, Statistics, SubscriptionId, Table};
use crate::wanted::Wanted;

/// What the actor can be told.
// ANCHOR: command
pub enum BusCommand {
    Subscribe { wanted: Wanted, mailbox: mpsc::Sender<Delivery>, id: oneshot::Sender<SubscriptionId> },
    Unsubscribe { id: SubscriptionId, done: oneshot::Sender<()> },
    Publish { message: Message, receipt: oneshot::Sender<Receipt> },
    Statistics { answer: oneshot::Sender<Statistics> },
    Shutdown,
}
// ANCHOR_END: command

/// A bus whose queue has so many slots: the handle, and the actor, which must be spawned.
pub fn bus(slots: usize) -> (Bus, BusActor) {
    let (commands, queue) = mpsc::channel(slots);
    (Bus { commands }, BusActor { queue, table: Table::default() })
}

// ANCHOR: actor
#[must_use = "the bus does nothing until `run` is spawned"]
pub struct BusActor {
    queue: mpsc::Receiver<BusCommand>,
    table: Table,
}

impl BusActor {
    /// Ends after a shutdown, or when the last handle has been dropped, and when the queue is empty. Awaits nothing else.
    pub async fn run(mut self) -> Statistics {
        while let Some(command) = self.queue.recv().await {
            self.handle(command);
        }
        self.table.statistics()
    } // drops the table, and each subscriber receives what is in its mailbox, and then `None`

    /// An answer that nobody waits for is no reason to end: hence `ok`.
    fn handle(&mut self, command: BusCommand) {
        match command {
            BusCommand::Subscribe { wanted, mailbox, id } => {
                id.send(self.table.subscribe(wanted, mailbox)).ok();
            }
            BusCommand::Unsubscribe { id, done } => {
                self.table.unsubscribe(id);
                done.send(()).ok();
            }
            BusCommand::Publish { message, receipt } => {
                receipt.send(self.table.deliver(message)).ok();
            }
            BusCommand::Statistics { answer } => {
                answer.send(self.table.statistics()).ok();
            }
            // Refuses new commands; those in the queue are still handled.
            BusCommand::Shutdown => self.queue.close(),
        }
    }
}
// ANCHOR_END: actor

/// A handle to the bus. The bus ends with its last handle.
#[derive(Clone, Debug)]
pub struct Bus {
    commands: mpsc::Sender<BusCommand>,
}

/// The bus has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed;

/// The bus takes no more messages. This one was offered to nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub Message);

// ANCHOR: publish
impl Bus {
    /// Waits for a free slot in the queue of the bus. `Ok` means queued: whom it reached is in the receipt.
    pub async fn publish(&self, message: Message) -> Result<Queued, Refused> {
        let Ok(slot) = self.commands.reserve().await else { return Err(Refused(message)) };
        let (receipt, answered) = oneshot::channel();
        slot.send(BusCommand::Publish { message, receipt });
        Ok(Queued(answered))
    }
}

/// A message in the queue of the bus.
#[must_use = "queued is not delivered: await the receipt, or `drop` it and say why"]
#[derive(Debug)]
pub struct Queued(oneshot::Receiver<Receipt>);

impl Queued {
    /// `Err` if the bus has ended without an answer; then nobody knows whom the message reached.
    pub async fn receipt(self) -> Result<Receipt, Closed> {
        self.0.await.map_err(|_| Closed)
    }
}
// ANCHOR_END: publish

impl Bus {
    /// From the return on, every message that is queued is offered to the subscription.
    pub async fn subscribe(&self, wanted: Wanted) -> Result<Subscription, Closed> {
        let (mailbox, deliveries) = mpsc::channel(wanted.slots);
        let id = self.ask(|id| BusCommand::Subscribe { wanted, mailbox, id }).await?;
        Ok(Subscription { id, deliveries, bus: self.commands.downgrade() })
    }

    pub async fn statistics(&self) -> Result<Statistics, Closed> {
        self.ask(|answer| BusCommand::Statistics { answer }).await
    }

    /// Refuses messages from now on. Those in the queue are delivered, and then `run` returns.
    pub async fn shutdown(&self) -> Result<(), Closed> {
        self.commands.send(BusCommand::Shutdown).await.map_err(|_| Closed)
    }

    async fn ask<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> BusCommand) -> Result<T, Closed> {
        let (answer, answered) = oneshot::channel();
        self.commands.send(command(answer)).await.map_err(|_| Closed)?;
        answered.await.map_err(|_| Closed)
    }
}

/// Dropping it is enough: the bus forgets it before the next message.
// ANCHOR: subscription
#[derive(Debug)]
pub struct Subscription {
    id: SubscriptionId,
    deliveries: mpsc::Receiver<Delivery>,
    bus: mpsc::WeakSender<BusCommand>, // it does not keep the bus alive
}

impl Subscription {
    /// `None` when nothing more will come: the bus has ended, or this is unsubscribed. Cancel safe.
    pub async fn recv(&mut self) -> Option<Delivery> {
        self.deliveries.recv().await
    }

    /// From the return on, nothing is added. What is queued can still be received.
    pub async fn unsubscribe(&self) -> Result<(), Closed> {
        let commands = self.bus.upgrade().ok_or(Closed)?;
        let id = self.id;
        Bus { commands }.ask(|done| BusCommand::Unsubscribe { id, done }).await
    }
}
// ANCHOR_END: subscription

impl Subscription {
    /// What it receives from, for a task that never unsubscribes.
    pub fn into_deliveries(self) -> mpsc::Receiver<Delivery> {
        self.deliveries
    }
}

impl Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bus has ended")
    }
}

impl std::error::Error for Closed {}

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the bus takes no more messages: {} of order {}", self.0.topic, self.0.order)
    }
}

impl std::error::Error for Refused {}
