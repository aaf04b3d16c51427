//! An actor: a task that owns the count of each item, and a handle whose methods send it requests.

use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::time::Duration;

use shared::Journal;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

/// How long the actor works on a request.
pub const REQUEST_TAKES: Duration = Duration::from_millis(20);

/// What can be asked of the stock. Each request carries the sender for its answer.
// ANCHOR: request
#[derive(Debug)]
enum Request {
    Get { item: &'static str, answer: oneshot::Sender<u32> },
    Set { item: &'static str, count: u32, answer: oneshot::Sender<()> },
    Take { item: &'static str, answer: oneshot::Sender<Option<u32>> },
}
// ANCHOR_END: request

/// A handle to the actor, which ends when the last handle is dropped and the mailbox is empty.
// ANCHOR: handle
#[derive(Clone, Debug)]
pub struct Stock {
    requests: mpsc::Sender<Request>,
}

/// The actor has ended, or has dropped the request without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

impl Stock {
    /// Spawns the actor with a mailbox of 8 slots. A caller that finds it full waits for a free slot.
    pub fn spawn(counts: BTreeMap<&'static str, u32>, journal: Journal) -> Self {
        let (requests, mailbox) = mpsc::channel(8);
        tokio::spawn(Actor { mailbox, counts, journal }.run());
        Self { requests }
    }

    /// How many there are.
    pub async fn get(&self, item: &'static str) -> Result<u32, Gone> {
        let (answer, answered) = oneshot::channel();
        self.requests.send(Request::Get { item, answer }).await.map_err(|_| Gone)?;
        answered.await.map_err(|_| Gone)
    }
}
// ANCHOR_END: handle

impl Stock {
    /// Replaces the count.
    pub async fn set(&self, item: &'static str, count: u32) -> Result<(), Gone> {
        let (answer, answered) = oneshot::channel();
        self.requests.send(Request::Set { item, count, answer }).await.map_err(|_| Gone)?;
        answered.await.map_err(|_| Gone)
    }

    /// Takes one and returns how many are left; `None` if there was none to take.
    pub async fn take(&self, item: &'static str) -> Result<Option<u32>, Gone> {
        let (answer, answered) = oneshot::channel();
        self.requests.send(Request::Take { item, answer }).await.map_err(|_| Gone)?;
        answered.await.map_err(|_| Gone)
    }
}

// ANCHOR: actor
struct Actor {
    mailbox: mpsc::Receiver<Request>,
    counts: BTreeMap<&'static str, u32>,
    journal: Journal,
}

impl Actor {
    async fn run(mut self) {
        while let Some(request) = self.mailbox.recv().await {
            sleep(REQUEST_TAKES).await; // the work
            if self.handle(request).is_err() {
                self.journal.log("stock", "nobody is waiting for the answer");
            }
        }
        self.journal.log("stock", "ends: no handle is left");
    }

    /// Fails when the caller has gone. That is no reason for the actor to end.
    fn handle(&mut self, request: Request) -> Result<(), Gone> {
        match request {
            Request::Get { item, answer } => answer.send(self.count(item)).map_err(|_| Gone),
            Request::Set { item, count, answer } => {
                self.counts.insert(item, count);
                answer.send(()).map_err(|_| Gone)
            }
            Request::Take { item, answer } => {
                let left = self.count(item).checked_sub(1);
                if let Some(left) = left {
                    self.counts.insert(item, left);
                }
                answer.send(left).map_err(|_| Gone)
            }
        }
    }

    fn count(&self, item: &str) -> u32 {
        self.counts.get(item).copied().unwrap_or(0)
    }
}
// ANCHOR_END: actor

impl Display for Gone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the actor is gone")
    }
}

impl std::error::Error for Gone {}
