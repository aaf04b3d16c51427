//! The same ideas gone wrong. `tests/lesson.rs` proves what each one does: it is slow, hangs, repeats work, or mixes up answers.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex as StdMutex};

use shared::Journal;
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

use crate::pool::{Event, WORKERS, publish};
use crate::prices::{Connection, two_shops};
use crate::sales::{Totals, price, three_orders};
use crate::session::{Broker, Token, publishers};

/// Slow: three workers that share one queue, and publish one event after another.
pub async fn held_while_publishing(events: mpsc::Receiver<Event>, journal: Journal) {
    let events = Arc::new(Mutex::new(events));
    let mut workers = JoinSet::new();
    for number in 1..=WORKERS {
        workers.spawn(worker(number, Arc::clone(&events), journal.clone()));
    }
    workers.join_all().await;
}

// ANCHOR: worker
async fn worker(number: usize, events: Arc<Mutex<mpsc::Receiver<Event>>>, journal: Journal) {
    while let Some(event) = events.lock().await.recv().await {
        publish(number, event, &journal).await; // the guard lives until here
    }
}
// ANCHOR_END: worker

/// Hangs: it waits for a lock that it holds itself.
// ANCHOR: waits-for-itself
pub async fn waits_for_itself(retries: &Mutex<VecDeque<u32>>) {
    while let Some(event) = retries.lock().await.pop_front() {
        retries.lock().await.push_back(event); // still too early to publish it
    }
}
// ANCHOR_END: waits-for-itself

/// Repeats work: what was true under the lock need not be true when it is taken again.
// ANCHOR: session
pub struct Session {
    broker: Broker,
    token: StdMutex<Option<Token>>,
}

impl Session {
    pub async fn token(&self) -> Token {
        let known = *self.token.lock().expect("nothing panics under this lock");
        if let Some(token) = known {
            return token;
        }
        let token = self.broker.log_in().await; // by now others have seen `None` too
        *self.token.lock().expect("nothing panics under this lock") = Some(token);
        token
    }
}
// ANCHOR_END: session

impl Session {
    /// A session that has not logged in.
    pub(crate) fn new(broker: Broker) -> Self {
        Self { broker, token: StdMutex::new(None) }
    }
}

/// Three publishers need a token, and each logs in.
pub async fn three_logins(journal: Journal) {
    let session = Session::new(Broker::new(journal.clone()));
    publishers(journal, async || session.token().await).await;
}

/// Mixes up answers: a caller gives up while it holds the lock, and the next one reads its reply.
// ANCHOR: shared-connection
pub async fn shared_connection(journal: Journal) {
    let connection = Mutex::new(Connection::open(journal.clone()));
    two_shops(journal, async |product| connection.lock().await.ask(product).await).await;
}
// ANCHOR_END: shared-connection

/// Ends all work: one task panics while it holds the lock, and so does every task that takes it later.
pub async fn poisoned(journal: Journal) {
    let shared = Arc::new(StdMutex::new(Totals::default()));
    three_orders(journal, |product| {
        let shared = Arc::clone(&shared);
        // ANCHOR: poisoned
        tokio::spawn(async move {
            let mut totals = shared.lock().unwrap();
            totals.orders += 1;
            totals.dollars += price(product); // panics for the sofa
            *totals
        })
        // ANCHOR_END: poisoned
    })
    .await;
}

/// Hides the damage: Tokio's lock is released by the panic, and the next task finds half of a change.
pub async fn not_poisoned(journal: Journal) {
    let shared = Arc::new(Mutex::new(Totals::default()));
    three_orders(journal, |product| {
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let mut totals = shared.lock().await; // the only difference
            totals.orders += 1;
            totals.dollars += price(product);
            *totals
        })
    })
    .await;
}

/// Tasks with a std guard and an await. It must be gone at the end of a block; to drop it before the await is not enough.
#[cfg(doctest)]
#[doc = concat!("```compile_fail\n", include_str!("../tests/spawned/held.rs"), "\n```")]
#[doc = concat!("```compile_fail\n", include_str!("../tests/spawned/dropped.rs"), "\n```")]
#[doc = concat!("```\n", include_str!("../tests/spawned/released.rs"), "\n```")]
mod spawned {}

/// In edition 2021 the guards of an `if let` live until the end of its `else`, and those of a block beyond the block.
///
/// ```edition2021
/// let queue = std::sync::Mutex::new(Vec::from([1]));
/// let locked = || queue.try_lock().is_err();
/// if let Some(1) = { queue.lock().unwrap().pop() } {
///     assert!(locked());
/// }
/// if let Some(_event) = queue.lock().unwrap().pop() {} else { assert!(locked()) };
/// ```
#[cfg(doctest)]
mod edition_2021 {}
