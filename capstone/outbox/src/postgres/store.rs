//! The relay's side of the database.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::Error;

use super::bell::Bell;
use super::fetch::Reader;
use super::lanes::{self, LANES, Membership};
use super::lend::{Lender, Lent};
use super::stream::Desk;
use super::target::Target;
use super::{due, explain, fetch, settle, status};
use crate::message::Seq;
use crate::store::{
    Budget, Changes, Due, DueLook, Fetched, Lane, Lease, Legacy, Look, Looks, Owner, Renewed, Settled,
    Status, Store, StoreError,
};

/// Connections for flushes and for what is read by key, which are closed when they are not used. The lease and the fetch have
/// their own, so a relay has at most four; one that has nothing to do has two, and one without lanes only that of its lease.
const CONNECTIONS: usize = 2;

/// The renewal is short, and useless when it is late.
const RENEWAL: Duration = Duration::from_secs(4);

/// Of each of the relay's sessions. The tables of a queue are analysed when they are empty, and the planner would read all
/// of them, or sort what an index has in order; that is also why one plan must do for every parameter. What takes longer
/// than the timeouts is broken. A relay that was frozen in the middle of a flush keeps its lanes from others until the
/// server ends its transaction, which must be before its lease is over.
const SETTINGS: [(&str, &str); 8] = [
    ("enable_seqscan", "off"),
    ("enable_sort", "off"),
    ("enable_bitmapscan", "off"),
    ("plan_cache_mode", "force_generic_plan"),
    ("jit", "off"),
    ("statement_timeout", "20s"),
    ("lock_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "5s"),
];

/// A message store in a PostgreSQL database. Share it behind an `Arc`.
///
/// It connects again by itself: what fails in between is [`StoreError::Unavailable`].
pub struct PostgresStore {
    target: Target,
    lender: Lender,
    /// By owner. Taken out while it is used: an answer that does not come, or that nobody waits for any more, ends the
    /// session, and with it the advisory lock.
    members: tokio::sync::Mutex<HashMap<String, Membership>>,
    /// Taken out while it is used, as a member is.
    reader: tokio::sync::Mutex<Option<Reader>>,
    looks: Looks,
    pub(super) bell: Arc<Bell>,
    pub(super) desk: Desk,
}

impl PostgresStore {
    /// Connects to a database that has our tables.
    ///
    /// # Errors
    /// The database cannot be reached, has no tables of ours ([`Target::migrate`] adds them), or another version. Or this
    /// session would not see them as they are: through a pooler, behind row-level security.
    ///
    /// # Cancel safety
    /// Reads only.
    pub async fn connect(target: &Target) -> Result<Self, StoreError> {
        let target = target.with_settings(&SETTINGS);
        let client = target.client().await?;
        target.admit(&client, &SETTINGS).await?;
        let lender = Lender::new(&target, CONNECTIONS);
        let (desk, bell) = (Desk::new(&target), Arc::new(Bell::hang(&target)));
        let (members, reader) = (tokio::sync::Mutex::default(), tokio::sync::Mutex::default());
        Ok(Self { target, lender, members, reader, looks: Looks::default(), bell, desk })
    }

    /// The database.
    #[must_use]
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Says that something was committed: a relay in this process looks at once, others within 25 ms and a round trip.
    /// Without it they find it with their poll.
    ///
    /// Call it after the commit, in a Tokio runtime.
    pub fn committed(&self) {
        self.bell.committed();
    }

    /// What waits, what is held, what was given up.
    ///
    /// # Errors
    /// The database cannot be read.
    ///
    /// # Cancel safety
    /// Reads only.
    pub async fn status(&self) -> Result<Status, StoreError> {
        let mut lent = self.lend().await?;
        let status = self.answered(status::status(&mut lent)).await?;
        lent.give_back();
        Ok(status)
    }

    /// How PostgreSQL goes about a fetch and a flush just now, in its own words. Each step should be an index scan.
    ///
    /// # Errors
    /// The database cannot be read.
    ///
    /// # Cancel safety
    /// Reads only.
    pub async fn explain(&self) -> Result<String, StoreError> {
        let lent = self.lend().await?;
        let plan = self.answered(explain::explain(&lent)).await?;
        lent.give_back();
        Ok(plan)
    }

    pub(super) async fn lend(&self) -> Result<Lent, StoreError> {
        self.lender.lend().await
    }

    pub(super) async fn answered<T>(
        &self,
        operation: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, StoreError> {
        self.lender.answered(operation).await
    }

    /// The session of the lease, on which the relay also listens; a new one if it is gone.
    async fn member(&self, kept: Option<Membership>, owner: &Owner) -> Result<Membership, StoreError> {
        if let Some(membership) = kept.filter(Membership::is_open) {
            return Ok(membership);
        }
        let (client, wire) = self.target.dial().await?;
        let begun = async {
            self.bell.listen(&client, wire).await?;
            Membership::begin(client, owner).await
        };
        begun.await.map_err(|error| self.target.failed(&error))
    }

    /// The session that reads; a new one if it is gone.
    async fn reader(&self, kept: Option<Reader>) -> Result<Reader, StoreError> {
        if let Some(reader) = kept.filter(Reader::is_open) {
            return Ok(reader);
        }
        let client = self.target.client().await?;
        self.answered(Reader::begin(client)).await
    }
}

impl Store for PostgresStore {
    fn lanes(&self) -> u16 {
        LANES
    }

    fn commits_late(&self) -> bool {
        true
    }

    async fn renew(&self, owner: &Owner, ttl: Duration) -> Result<Renewed, StoreError> {
        let mut members = self.members.lock().await;
        let renewal = async {
            let mut membership = self.member(members.remove(owner.as_str()), owner).await?;
            let unread = self.looks.unread(membership.lanes());
            let renewed = membership.renew(ttl, &unread).await;
            let (renewed, has_news) = renewed.map_err(|error| self.target.failed(&error))?;
            members.insert(owner.as_str().to_owned(), membership);
            if has_news {
                // Each relay of this store waits for a ring of its own.
                members.values().for_each(|_| self.bell.note_committed());
            }
            Ok(renewed)
        };
        // Here, because whoever lives long renews.
        self.lender.close_idle();
        self.desk.close_idle();
        timeout(RENEWAL, renewal).await.unwrap_or_else(|_| Err(self.target.silent()))
    }

    async fn acquire(&self, owner: &Owner, lanes_max: u16, ttl: Duration) -> Result<Vec<Lease>, StoreError> {
        let mut members = self.members.lock().await;
        let acquisition = async {
            let mut membership = self.member(members.remove(owner.as_str()), owner).await?;
            let taken = membership.take(lanes_max, ttl).await.map_err(|error| self.target.failed(&error))?;
            self.looks.note(taken.iter().map(|lease| lease.lane));
            members.insert(owner.as_str().to_owned(), membership);
            Ok(taken)
        };
        timeout(RENEWAL, acquisition).await.unwrap_or_else(|_| Err(self.target.silent()))
    }

    async fn release(&self, leases: &[Lease]) -> Result<(), StoreError> {
        let lent = self.lend().await?;
        self.answered(lanes::release(&lent, leases)).await?;
        lent.give_back();
        Ok(())
    }

    async fn leave(&self, owner: &Owner) -> Result<(), StoreError> {
        let mut members = self.members.lock().await;
        let membership = self.member(members.remove(owner.as_str()), owner).await?;
        self.answered(membership.leave()).await
    }

    async fn legacy(&self, lanes: &[Lane]) -> Result<Legacy, StoreError> {
        let lent = self.lend().await?;
        let legacy = self.answered(lanes::legacy(&lent, lanes)).await?;
        lent.give_back();
        Ok(legacy)
    }

    async fn fetch(&self, look: &Look, budget: Budget) -> Result<Fetched, StoreError> {
        let mut kept = self.reader.lock().await;
        let mut reader = self.reader(kept.take()).await?;
        let fetched = Box::pin(self.answered(reader.fetch(look, budget))).await?;
        self.looks.note(look.cursors.iter().map(|cursor| cursor.lease.lane));
        *kept = Some(reader);
        Ok(fetched)
    }

    async fn due(&self, look: &DueLook, budget: Budget) -> Result<Due, StoreError> {
        let lent = self.lend().await?;
        let due = self.answered(due::due(&*lent, look, budget)).await?;
        lent.give_back();
        Ok(due)
    }

    async fn fetch_spilled(
        &self,
        lease: Lease,
        key: &str,
        after: Seq,
        upto: Seq,
        budget: Budget,
    ) -> Result<Fetched, StoreError> {
        let lent = self.lend().await?;
        let fetched = self.answered(fetch::spilled(&*lent, lease, key, (after, upto), budget)).await?;
        lent.give_back();
        Ok(fetched)
    }

    async fn settle(&self, changes: &Changes) -> Result<Settled, StoreError> {
        let mut lent = self.lend().await?;
        let settled = self.answered(settle::settle(&mut lent, changes)).await?;
        lent.give_back();
        Ok(settled)
    }

    fn full(&self, lanes: &[Lane]) {
        self.looks.note(lanes.iter().copied());
    }

    async fn changed(&self) {
        self.bell.heard().await;
    }

    fn renewals_tell(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RelayConfig;

    #[test]
    fn a_flush_that_is_frozen_ends_before_its_lease() {
        let timeout = SETTINGS.iter().find(|(name, _)| *name == "idle_in_transaction_session_timeout");
        let seconds = timeout.and_then(|(_, value)| value.strip_suffix('s')?.parse().ok()).unwrap();
        let RelayConfig { lease_ttl, lease_renew, .. } = RelayConfig::default();
        assert!(Duration::from_secs(seconds) < lease_ttl - lease_renew);
    }
}
