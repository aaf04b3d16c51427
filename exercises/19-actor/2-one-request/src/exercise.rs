//! Exercise 19.2: an actor that owns the number of free seats, and a booking that takes two requests.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

/// A request to the actor.
enum Request {
    Free { answer: oneshot::Sender<u32> },
    SetFree { free: u32, answer: oneshot::Sender<()> },
    // TODO: a booking needs a request of its own.
}

/// A handle to the actor.
#[derive(Clone)]
pub struct Seats {
    requests: mpsc::Sender<Request>,
}

impl Seats {
    /// Spawns the actor.
    pub fn spawn(free: u32) -> Self {
        let (requests, mailbox) = mpsc::channel(8);
        tokio::spawn(actor(free, mailbox));
        Self { requests }
    }

    /// How many seats are free.
    pub async fn free(&self) -> u32 {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Free { answer }).await;
        answered.await.expect("the actor answers")
    }

    /// Sets the number of free seats.
    pub async fn set_free(&self, free: u32) {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::SetFree { free, answer }).await;
        answered.await.expect("the actor answers")
    }

    /// Books this many seats if they are free, and returns whether they were. No other customer gets the same seats.
    pub async fn book(&self, seats: u32) -> bool {
        // TODO: what may other customers do between these two requests?
        let free = self.free().await;
        if free < seats {
            return false;
        }
        self.set_free(free - seats).await;
        true
    }

    async fn ask(&self, request: Request) {
        self.requests.send(request).await.expect("the actor lives as long as its handles");
    }
}

/// The actor: it owns the number of free seats. A request takes 10 ms.
async fn actor(mut free: u32, mut mailbox: mpsc::Receiver<Request>) {
    while let Some(request) = mailbox.recv().await {
        sleep(Duration::from_millis(10)).await;
        // `send` fails when the caller has gone. The actor carries on.
        match request {
            Request::Free { answer } => answer.send(free).ok(),
            // TODO: handle a booking here. `take` below does the subtraction.
            Request::SetFree { free: new, answer } => {
                free = new;
                answer.send(()).ok()
            }
        };
    }
}

/// Takes this many seats if they are free, and returns whether they were. Do not change it.
fn take(free: &mut u32, seats: u32) -> bool {
    let left = free.checked_sub(seats);
    *free = left.unwrap_or(*free);
    left.is_some()
}
