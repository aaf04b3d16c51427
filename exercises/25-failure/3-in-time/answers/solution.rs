//! Exercise 25.3: a caller that needs an answer by a deadline, and a broker that may be busy or silent.

use std::time::Duration;

pub use broker::{Broker, Refused};
use tokio::time::{Instant, sleep, timeout};

/// How long one attempt waits for its answer at most.
const LIMIT: Duration = Duration::from_millis(250);

/// What is known at the end.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The broker has confirmed the event.
    Published,
    /// Every attempt was refused, or there was none.
    NotPublished,
    /// At least one attempt had no answer.
    Unknown,
}

/// Publishes an event before `deadline`: as many attempts as there is time for. The broker recognises the event, so a repeated attempt
/// does no harm.
pub async fn publish(broker: &Broker, event: u32, deadline: Instant) -> Outcome {
    //~ begin
    let mut outcome = Outcome::NotPublished;
    let mut pause = Duration::from_millis(100);
    while Instant::now() < deadline {
        let limit = LIMIT.min(deadline - Instant::now());
        match timeout(limit, broker.publish(event)).await {
            Ok(Ok(())) => return Outcome::Published,
            Ok(Err(Refused)) => {}
            Err(_) => outcome = Outcome::Unknown,
        }
        if Instant::now() + pause >= deadline {
            break; // nothing can come of waiting
        }
        sleep(pause).await;
        pause = pause.saturating_mul(2);
    }
    outcome
    //~ starter
    //~| // TODO: this stops in time. But what does it know then, and does it stop as soon as it could?
    //~| let attempts = async {
    //~|     let mut pause = Duration::from_millis(100);
    //~|     while timeout(LIMIT, broker.publish(event)).await != Ok(Ok(())) {
    //~|         sleep(pause).await;
    //~|         pause *= 2;
    //~|     }
    //~| };
    //~| match tokio::time::timeout_at(deadline, attempts).await {
    //~|     Ok(()) => Outcome::Published,
    //~|     Err(_) => Outcome::Unknown,
    //~| }
    //~ end
}

/// The broker. Do not change it.
mod broker {
    use tokio::sync::{mpsc, oneshot};

    /// The broker has too much to do. It has not published the event.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Refused;

    /// An event, as the broker receives it.
    pub type Request = (u32, oneshot::Sender<Result<(), Refused>>);

    /// A handle to the broker. The tests decide what it does.
    pub struct Broker {
        requests: mpsc::Sender<Request>,
    }

    impl Broker {
        pub fn new(requests: mpsc::Sender<Request>) -> Self {
            Self { requests }
        }

        /// Sends an event and waits for the answer, however long that takes.
        pub async fn publish(&self, event: u32) -> Result<(), Refused> {
            let (answer, answered) = oneshot::channel();
            self.requests.send((event, answer)).await.expect("the broker outlives its handles");
            answered.await.expect("the broker does not drop a request")
        }
    }
}
