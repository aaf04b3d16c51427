//! Exercise 19.2: an actor that knows how many seats are free, and a booking that takes two requests.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

/// What the actor can be asked.
enum Request {
    Free { answer: oneshot::Sender<u32> },
    SetFree { free: u32, answer: oneshot::Sender<()> },
    //~ begin
    Book { seats: u32, answer: oneshot::Sender<bool> },
    //~ starter
    //~| // TODO: a booking needs a request of its own.
    //~ end
}

/// The way to the actor.
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

    /// From now on so many seats are free.
    pub async fn set_free(&self, free: u32) {
        let (answer, answered) = oneshot::channel();
        self.ask(Request::SetFree { free, answer }).await;
        answered.await.expect("the actor answers")
    }

    /// Books so many seats, if they are free, and says whether they were. Nobody else gets the same ones.
    pub async fn book(&self, seats: u32) -> bool {
        //~ begin
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Book { seats, answer }).await;
        answered.await.expect("the actor answers")
        //~ starter
        //~| // TODO: what may others do between these two requests?
        //~| let free = self.free().await;
        //~| if free < seats {
        //~|     return false;
        //~| }
        //~| self.set_free(free - seats).await;
        //~| true
        //~ end
    }

    async fn ask(&self, request: Request) {
        self.requests.send(request).await.expect("the actor lives as long as its handles");
    }
}

/// Owns the number of free seats. A request takes 10 ms.
async fn actor(mut free: u32, mut mailbox: mpsc::Receiver<Request>) {
    while let Some(request) = mailbox.recv().await {
        sleep(Duration::from_millis(10)).await;
        // `send` fails when whoever asked has gone, which is none of our business.
        match request {
            Request::Free { answer } => answer.send(free).ok(),
            //~ begin
            Request::Book { seats, answer } => answer.send(take(&mut free, seats)).ok(),
            //~ starter
            //~| // TODO: here the actor handles a booking. There is `take` below.
            //~ end
            Request::SetFree { free: new, answer } => {
                free = new;
                answer.send(()).ok()
            }
        };
    }
}

/// Takes so many seats if they are free, and says whether they were.
fn take(free: &mut u32, seats: u32) -> bool {
    let left = free.checked_sub(seats);
    *free = left.unwrap_or(*free);
    left.is_some()
}
