//! An actor for each key: payments of one account are processed one after another, those of two accounts concurrently.

use std::collections::BTreeMap;
use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

/// How long it takes to write a payment to the ledger.
pub const LEDGER_TAKES: Duration = Duration::from_millis(100);
/// An account that has paid more than this must be reviewed.
pub const LIMIT: u32 = 1000;

/// A payment, in whole dollars to keep the numbers short.
#[derive(Clone, Copy, Debug)]
pub struct Payment {
    pub account: u32,
    pub dollars: u32,
}

/// Sends each payment to the actor of its account. Returns how many actors there were.
///
/// When a mailbox is full it waits for a free slot, and the payments behind wait too, whichever account they belong to.
// ANCHOR: dispatch
pub async fn dispatch(mut payments: mpsc::Receiver<Payment>, slots: usize, journal: Journal) -> usize {
    let mut accounts = Accounts::new(slots, journal);
    while let Some(payment) = payments.recv().await {
        let account = accounts.of(payment.account);
        // Waits for a free slot, not for an answer.
        account.send(payment).await.expect("an account outlives its handles");
    }
    accounts.end().await
}
// ANCHOR_END: dispatch

/// The same, except that it never waits: a payment that finds its mailbox full is refused.
pub async fn dispatch_or_refuse(
    mut payments: mpsc::Receiver<Payment>,
    slots: usize,
    journal: Journal,
) -> usize {
    let mut accounts = Accounts::new(slots, journal.clone());
    // ANCHOR: refuse
    while let Some(payment) = payments.recv().await {
        let Payment { account, dollars } = payment;
        if let Err(error) = accounts.of(account).try_send(payment) {
            journal.log("dispatcher", format_args!("refuses ${dollars} of account {account}: {error}"));
        }
    }
    // ANCHOR_END: refuse
    accounts.end().await
}

/// The accounts that have an actor. One task owns this, so it needs no lock.
// ANCHOR: accounts
pub struct Accounts {
    slots: usize,
    open: BTreeMap<u32, mpsc::Sender<Payment>>,
    actors: TaskTracker,
    journal: Journal,
}

impl Accounts {
    /// The mailbox of this account. Its actor is spawned when the account is seen for the first time.
    pub fn of(&mut self, account: u32) -> &mpsc::Sender<Payment> {
        self.open.entry(account).or_insert_with(|| {
            let (payments, mailbox) = mpsc::channel(self.slots);
            self.actors.spawn(account_actor(account, mailbox, self.journal.clone()));
            payments
        })
    }
}
// ANCHOR_END: accounts

impl Accounts {
    /// No accounts yet. Each mailbox will have this many slots.
    pub fn new(slots: usize, journal: Journal) -> Self {
        Self { slots, open: BTreeMap::new(), actors: TaskTracker::new(), journal }
    }

    /// Lets each actor process what is in its mailbox. Returns how many actors there were.
    pub async fn end(self) -> usize {
        let count = self.open.len();
        drop(self.open); // the last senders: each mailbox closes, and ends when it is empty
        self.actors.close();
        self.actors.wait().await;
        count
    }
}

// ANCHOR: account-actor
pub(crate) async fn account_actor(account: u32, mut mailbox: mpsc::Receiver<Payment>, journal: Journal) {
    let name = format!("account {account}");
    let mut paid = 0;
    while let Some(Payment { dollars, .. }) = mailbox.recv().await {
        sleep(LEDGER_TAKES).await;
        paid += dollars; // only this task has `paid`
        let over = if paid > LIMIT { ": over the limit" } else { "" };
        journal.log(&name, format_args!("has paid ${paid}{over}"));
    }
}
// ANCHOR_END: account-actor
