//! Exercise 30.2: a bus that ends with its last publisher, and not with its last subscriber.

use shared::Journal;
use tokio::sync::{mpsc, oneshot};

/// What the bus can be told.
enum Command {
    Subscribe { mailbox: mpsc::Sender<u32>, id: oneshot::Sender<u64> },
    Unsubscribe { id: u64, done: oneshot::Sender<()> },
    Publish { order: u32 },
}

/// A handle to publish with. The bus is there as long as there is one.
#[derive(Clone)]
pub struct Bus {
    commands: mpsc::Sender<Command>,
}

impl Bus {
    /// Spawns the bus. It logs what it does.
    pub fn spawn(journal: Journal) -> Self {
        let (commands, queue) = mpsc::channel(4);
        tokio::spawn(run(queue, journal));
        Self { commands }
    }

    pub async fn publish(&self, order: u32) {
        self.commands.send(Command::Publish { order }).await.ok();
    }

    pub async fn subscribe(&self) -> Subscription {
        let ((mailbox, orders), (id, answered)) = (mpsc::channel(8), oneshot::channel());
        self.commands.send(Command::Subscribe { mailbox, id }).await.ok();
        let id = answered.await.expect("the bus runs as long as there is a handle");
        //~ begin
        Subscription { id, orders, commands: self.commands.downgrade() }
        //~ starter
        //~| Subscription { id, orders, commands: self.commands.clone() }
        //~ end
    }
}

/// Receives every order.
pub struct Subscription {
    id: u64,
    orders: mpsc::Receiver<u32>,
    //~ begin
    /// Does not keep the bus alive.
    commands: mpsc::WeakSender<Command>,
    //~ starter
    //~| // TODO: the bus runs until the last of these is dropped.
    //~| commands: mpsc::Sender<Command>,
    //~ end
}

impl Subscription {
    pub async fn recv(&mut self) -> Option<u32> {
        self.orders.recv().await
    }

    /// From the return on, nothing is added. `false` if the bus has ended.
    pub async fn unsubscribe(&self) -> bool {
        //~ begin
        let Some(commands) = self.commands.upgrade() else { return false };
        let (done, unsubscribed) = oneshot::channel();
        let sent = commands.send(Command::Unsubscribe { id: self.id, done }).await;
        sent.is_ok() && unsubscribed.await.is_ok()
        //~ starter
        //~| let (done, unsubscribed) = oneshot::channel();
        //~| let sent = self.commands.send(Command::Unsubscribe { id: self.id, done }).await;
        //~| sent.is_ok() && unsubscribed.await.is_ok()
        //~ end
    }
}

/// The actor. Do not change it.
async fn run(mut queue: mpsc::Receiver<Command>, journal: Journal) {
    let (mut subscribers, mut last_id) = (Vec::new(), 0);
    while let Some(command) = queue.recv().await {
        match command {
            Command::Subscribe { mailbox, id } => {
                last_id += 1;
                subscribers.push((last_id, mailbox));
                id.send(last_id).ok();
            }
            Command::Unsubscribe { id, done } => {
                subscribers.retain(|(other, _)| *other != id);
                done.send(()).ok();
            }
            Command::Publish { order } => {
                journal.log("bus", format_args!("has order {order} for {}", subscribers.len()));
                for (_, mailbox) in &subscribers {
                    mailbox.try_send(order).ok();
                }
            }
        }
    }
    journal.log("bus", "ends");
}
