//! The bank. It works on a request in a task of its own, so a caller that stops waiting does not stop the bank.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::{self, Display};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use shared::Journal;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

/// Names a request. Two attempts with the same id are one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestId(pub u32);

/// The bank has charged this much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    pub cents: u32,
}

/// Why a call brings no receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallError {
    /// The bank has too much to do. It has charged nothing.
    Busy,
    /// The bank declines the card. It has charged nothing.
    Declined,
    /// The connection broke before there was an answer.
    ConnectionLost,
}

/// What the bank does with a request, after this many milliseconds.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    Charges(u64),
    IsBusy(u64),
    Declines(u64),
    /// Charges, and the connection breaks before the answer.
    LosesConnection(u64),
}

/// A handle to the bank.
#[derive(Clone)]
pub struct Bank {
    /// A std mutex: held for short sections without an await.
    state: Arc<Mutex<State>>,
    /// Requests that arrive before this instant are never answered, and charge nothing.
    up_at: Instant,
    journal: Journal,
}

struct State {
    /// What the next requests meet. After that the bank charges, in 30 ms.
    script: VecDeque<Step>,
    receipts: BTreeMap<RequestId, Receipt>,
}

impl Bank {
    /// A bank that does these steps, one for each request.
    pub fn new(script: &[Step], journal: &Journal) -> Self {
        let state = State { script: script.iter().copied().collect(), receipts: BTreeMap::new() };
        Self { state: Arc::new(Mutex::new(state)), up_at: Instant::now(), journal: journal.clone() }
    }

    /// A bank that gives no answer for this long, and then charges.
    pub fn down_for(down: Duration, journal: &Journal) -> Self {
        Self { up_at: Instant::now() + down, ..Self::new(&[], journal) }
    }

    /// Charges this amount.
    pub async fn charge(&self, id: RequestId, cents: u32) -> Result<Receipt, CallError> {
        let (answer, answered) = oneshot::channel();
        tokio::spawn(self.clone().work(id, cents, answer));
        answered.await.unwrap_or(Err(CallError::ConnectionLost))
    }

    /// What the bank has charged in all.
    pub fn charged_cents(&self) -> u32 {
        self.state().receipts.values().map(|receipt| receipt.cents).sum()
    }

    async fn work(self, id: RequestId, cents: u32, answer: oneshot::Sender<Result<Receipt, CallError>>) {
        self.journal.log("bank", format_args!("receives {id}"));
        if Instant::now() < self.up_at {
            return std::future::pending().await;
        }
        let step = self.state().script.pop_front().unwrap_or(Step::Charges(30));
        let (Step::Charges(ms) | Step::IsBusy(ms) | Step::Declines(ms) | Step::LosesConnection(ms)) = step;
        sleep(Duration::from_millis(ms)).await;
        match step {
            // It fails when nobody waits any more, which is not the bank's concern.
            Step::Charges(_) => drop(answer.send(Ok(self.charge_once(id, cents)))),
            Step::IsBusy(_) => drop(answer.send(Err(CallError::Busy))),
            Step::Declines(_) => drop(answer.send(Err(CallError::Declined))),
            Step::LosesConnection(_) => drop(self.charge_once(id, cents)),
        }
    }

    // ANCHOR: once
    fn charge_once(&self, id: RequestId, cents: u32) -> Receipt {
        let mut state = self.state();
        if let Some(receipt) = state.receipts.get(&id) {
            self.journal.log("bank", format_args!("has already charged {id}"));
            return *receipt;
        }
        self.journal.log("bank", format_args!("charges {} for {id}", dollars(cents)));
        state.receipts.insert(id, Receipt { cents });
        Receipt { cents }
    }
    // ANCHOR_END: once

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics under this lock")
    }
}

impl Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "request {}", self.0)
    }
}

/// Writes cents as dollars.
pub fn dollars(cents: u32) -> String {
    format!("${}.{:02}", cents / 100, cents % 100)
}
