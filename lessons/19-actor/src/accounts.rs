//! An actor for each key: payments of one account are added up one after another, those of two at the same time.

use std::collections::BTreeMap;
use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::sleep;
use tokio_util::task::TaskTracker;

/// How long it takes to write a payment to the ledger.
pub const LEDGER_TAKES: Duration = Duration::from_millis(100);
/// An account that has paid more than that is to be looked at.
pub const LIMIT: u32 = 1000;

/// A payment, in whole dollars to keep the numbers short.
#[derive(Clone, Copy, Debug)]
pub struct Payment {
    pub account: u32,
    pub dollars: u32,
}

/// Sends each payment to the actor of its account. Returns how many actors there were.
// ANCHOR: dispatch
pub async fn dispatch(mut payments: mpsc::Receiver<Payment>, journal: Journal) -> usize {
    let mut accounts = Accounts::new(journal);
    while let Some(payment) = payments.recv().await {
        let account = accounts.of(payment.account);
        account.send(payment).await.expect("an account outlives its handles"); // waits for no answer
    }
    accounts.end().await
}
// ANCHOR_END: dispatch

/// The accounts that have an actor. One task owns it, so nothing is locked.
// ANCHOR: accounts
pub struct Accounts {
    open: BTreeMap<u32, mpsc::Sender<Payment>>,
    actors: TaskTracker,
    journal: Journal,
}

impl Accounts {
    /// The way to the actor of this account. It is spawned when it is asked for the first time.
    pub fn of(&mut self, account: u32) -> &mpsc::Sender<Payment> {
        self.open.entry(account).or_insert_with(|| {
            let (payments, mailbox) = mpsc::channel(8);
            self.actors.spawn(account_actor(account, mailbox, self.journal.clone()));
            payments
        })
    }
}
// ANCHOR_END: accounts

impl Accounts {
    /// No accounts yet.
    pub fn new(journal: Journal) -> Self {
        Self { open: BTreeMap::new(), actors: TaskTracker::new(), journal }
    }

    /// Lets each actor finish what is in its mailbox. Returns how many there were.
    pub async fn end(self) -> usize {
        let count = self.open.len();
        drop(self.open); // the last handles: each mailbox ends when it is empty
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
        paid += dollars; // nobody else has `paid`
        let over = if paid > LIMIT { ": over the limit" } else { "" };
        journal.log(&name, format_args!("has paid ${paid}{over}"));
    }
}
// ANCHOR_END: account-actor
