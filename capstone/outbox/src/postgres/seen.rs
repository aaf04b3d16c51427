//! What a session has read of the lanes. It is only true as long as that session lives: a server that has crashed, or another one in
//! its place, may have forgotten transactions and give out their numbers again.

use std::collections::HashMap;
use std::sync::Arc;

use crate::message::Seq;
use crate::store::{Cursor, Epoch, Fetched, Lane, Lease};

#[derive(Default)]
pub(super) struct Seen {
    lanes: HashMap<Lane, Look>,
    looks: u64,
}

/// The last look at a lane.
struct Look {
    /// Of the lease that it was made under.
    epoch: Epoch,
    /// Which look it was.
    number: u64,
    /// What had not ended before it, as PostgreSQL writes a snapshot.
    snapshot: Arc<str>,
    /// The last row of the lane that was brought, where the relay's cursor stands now.
    last: Seq,
    /// All of the lane that was visible up to here was brought. What becomes visible below is of a transaction that had not ended.
    upto: Seq,
}

impl Seen {
    /// Where each lane is to be read from. A cursor that goes back means what it says.
    pub(super) fn places(&self, cursors: &[Cursor]) -> Vec<Seq> {
        let place = |cursor: &Cursor| match self.of(cursor) {
            Some(look) if look.last <= cursor.after => look.upto.max(cursor.after),
            _ => cursor.after,
        };
        cursors.iter().map(place).collect()
    }

    /// What the oldest of the looks saw, all of them saw. `Some(None)`: all lanes are at their beginning. `None`: a lane has
    /// been read, and not by this session.
    pub(super) fn oldest(&self, cursors: &[Cursor]) -> Option<Option<Arc<str>>> {
        let is_begun = |cursor: &&Cursor| cursor.after > Seq::START || self.of(cursor).is_some();
        let looks = cursors.iter().filter(is_begun).map(|cursor| self.of(cursor));
        let looks: Vec<&Look> = looks.collect::<Option<_>>()?;
        Some(looks.iter().min_by_key(|look| look.number).map(|look| Arc::clone(&look.snapshot)))
    }

    /// They were looked at, after this snapshot, and read up to there.
    pub(super) fn add(&mut self, cursors: &[Cursor], upto: &[Seq], fetched: &Fetched, snapshot: &str) {
        self.looks += 1;
        let (number, snapshot) = (self.looks, Arc::<str>::from(snapshot));
        for (cursor, upto) in cursors.iter().zip(upto.iter().copied()) {
            let Lease { lane, epoch } = cursor.lease;
            let look = Look { epoch, number, snapshot: Arc::clone(&snapshot), last: cursor.after, upto };
            self.lanes.insert(lane, look);
        }
        for (lane, seq) in fetched.places() {
            if let Some(look) = self.lanes.get_mut(&lane) {
                look.last = look.last.max(seq);
            }
        }
    }

    fn of(&self, cursor: &Cursor) -> Option<&Look> {
        self.lanes.get(&cursor.lease.lane).filter(|look| look.epoch == cursor.lease.epoch)
    }
}
