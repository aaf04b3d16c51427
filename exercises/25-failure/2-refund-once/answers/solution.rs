//! Exercise 25.2: a shop refunds its customers, and the bank does not always answer.

use std::time::Duration;

pub use bank::{Bank, BankError, RequestId};
use tokio::time::{sleep, timeout};

/// How long the shop waits for an answer of the bank.
const LIMIT: Duration = Duration::from_millis(250);

/// What the shop knows when it makes no further attempt.
#[derive(Debug, PartialEq, Eq)]
pub enum GaveUp {
    /// The bank has refused every attempt.
    NotRefunded,
    /// At least one attempt had no answer.
    Unknown,
}

/// Refunds a payment: at most three attempts, which are one request to the bank.
pub async fn refund(bank: &Bank, payment: u32) -> Result<(), GaveUp> {
    //~ begin
    let request = RequestId::fresh();
    let mut gave_up = GaveUp::NotRefunded;
    for pause_ms in [100, 200, 0] {
        match timeout(LIMIT, bank.refund(request, payment)).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(BankError::NoSuchPayment)) => break,
            Ok(Err(BankError::Busy)) => {}
            Ok(Err(BankError::ConnectionLost)) | Err(_) => gave_up = GaveUp::Unknown,
        }
        sleep(Duration::from_millis(pause_ms)).await;
    }
    Err(gave_up)
    //~ starter
    //~| // TODO: which failures are worth another attempt, and when? Which attempts are one request? What is known in the end?
    //~| for _ in 0..3 {
    //~|     if let Ok(Ok(())) = timeout(LIMIT, bank.refund(RequestId::fresh(), payment)).await {
    //~|         return Ok(());
    //~|     }
    //~| }
    //~| Err(GaveUp::NotRefunded)
    //~ end
}

/// The bank. Do not change it.
mod bank {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::{mpsc, oneshot};

    /// Names a request. Two attempts with the same id are one request, which the bank carries out once.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct RequestId(u32);

    impl RequestId {
        /// An id that no other request has.
        pub fn fresh() -> Self {
            static LAST: AtomicU32 = AtomicU32::new(0);
            Self(LAST.fetch_add(1, Ordering::Relaxed))
        }
    }

    /// Why the bank has not confirmed a refund.
    #[derive(Clone, Copy, Debug)]
    pub enum BankError {
        /// Refused: the bank has too much to do at the moment.
        Busy,
        /// Refused: nobody has paid that. It will be the same at the next attempt.
        NoSuchPayment,
        /// The connection broke before there was an answer.
        ConnectionLost,
    }

    /// A request, as the bank receives it.
    pub type Request = (RequestId, u32, oneshot::Sender<Result<(), BankError>>);

    /// A handle to the bank. The tests decide what the bank does.
    #[derive(Clone)]
    pub struct Bank {
        requests: Arc<mpsc::Sender<Request>>,
    }

    impl Bank {
        pub fn new(requests: mpsc::Sender<Request>) -> Self {
            Self { requests: Arc::new(requests) }
        }

        /// Asks the bank to refund a payment, and waits for its answer, however long that takes.
        pub async fn refund(&self, id: RequestId, payment: u32) -> Result<(), BankError> {
            let (answer, answered) = oneshot::channel();
            if self.requests.send((id, payment, answer)).await.is_err() {
                return Err(BankError::ConnectionLost);
            }
            answered.await.unwrap_or(Err(BankError::ConnectionLost))
        }
    }
}
