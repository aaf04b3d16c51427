//! When to look below the cursors, and how far a look ahead may go without it.
//!
//! A row's number is taken before its commit, so a row may appear below a cursor that has passed it: a sweep finds it. It
//! costs an index scan over all that was deleted and not yet vacuumed, which is long while a transaction stays open
//! anywhere in the database. So sweeps are spaced by their cost, and in between a look ahead takes only rows whose transaction
//! had been committed when the last sweep began. What is before such a row in its key was committed by then too, by the same
//! transaction or by one that had given up the key's lock before, and that sweep has found it. The number up to which such rows
//! can be tells where the look may end.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::time::Instant;

use super::fetch::Swept;
use crate::store::{Cursor, Epoch, Lane};

/// Of the server's time, a sweep gets at most one part in so many.
const COST_SHARE: u32 = 10;

/// What is known of the lanes below their cursors.
#[derive(Default)]
pub(super) struct Sweeps {
    /// The last sweep of a lane, under which lease.
    lanes: HashMap<Lane, (Epoch, Arc<Swept>)>,
    next_at: Option<Instant>,
}

/// What a look without a sweep may take.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    /// No row of the lane above this number.
    pub(super) upto: Vec<i64>,
    /// No row whose transaction had not ended by then.
    pub(super) snapshot: String,
}

impl Sweeps {
    /// What may be read without another sweep; `None` when one is due now.
    pub(super) fn bounds(&self, cursors: &[Cursor], now: Instant) -> Option<Bounds> {
        if self.next_at.is_none_or(|next_at| next_at <= now) {
            return None;
        }
        // A lane that was taken since the last sweep has nothing below its cursor yet, but the next look may.
        let swept: Vec<&Swept> = cursors.iter().map(|cursor| self.swept(cursor)).collect::<Option<_>>()?;
        // What the oldest of the sweeps saw, all of them saw.
        let snapshot = swept.iter().min_by_key(|swept| swept.at)?.snapshot.clone();
        Some(Bounds { upto: swept.iter().map(|swept| swept.last.0).collect(), snapshot })
    }

    /// When the next one may begin.
    pub(super) fn next_at(&self) -> Option<Instant> {
        self.next_at
    }

    pub(super) fn done(&mut self, cursors: &[Cursor], swept: Swept) {
        self.next_at = Some(swept.at + swept.cost * COST_SHARE);
        let swept = Arc::new(swept);
        let lanes = cursors.iter().map(|cursor| cursor.lease);
        self.lanes.extend(lanes.map(|lease| (lease.lane, (lease.epoch, Arc::clone(&swept)))));
    }

    fn swept(&self, cursor: &Cursor) -> Option<&Swept> {
        let (epoch, swept) = self.lanes.get(&cursor.lease.lane)?;
        (*epoch == cursor.lease.epoch).then_some(swept)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::message::Seq;
    use crate::store::Lease;

    fn cursor(lane: u16, epoch: i64) -> Cursor {
        Cursor { lease: Lease { lane: Lane(lane), epoch: Epoch(epoch) }, after: Seq(1) }
    }

    #[test]
    fn sweeps_are_spaced_by_their_cost_and_bound_what_is_read_in_between() {
        let now = Instant::now();
        let after = |ms| now + Duration::from_millis(ms);
        let mut sweeps = Sweeps::default();
        assert_eq!(sweeps.bounds(&[cursor(1, 7)], now), None, "never swept");

        let swept = |last, snapshot: &str, at| Swept {
            last: Seq(last),
            snapshot: snapshot.into(),
            at: after(at),
            cost: Duration::from_millis(5),
        };
        let bounds =
            |upto: &[i64], snapshot: &str| Some(Bounds { upto: upto.into(), snapshot: snapshot.into() });
        sweeps.done(&[cursor(1, 7), cursor(2, 7)], swept(80, "8:8:", 0));
        sweeps.done(&[cursor(1, 7)], swept(90, "9:9:", 1));
        assert_eq!(sweeps.bounds(&[cursor(1, 7)], after(50)), bounds(&[90], "9:9:"));
        assert_eq!(
            sweeps.bounds(&[cursor(2, 7), cursor(1, 7)], after(50)),
            bounds(&[80, 90], "8:8:"),
            "the older one"
        );
        assert_eq!(sweeps.bounds(&[cursor(1, 7)], after(51)), None, "due again");
        assert_eq!(sweeps.bounds(&[cursor(1, 7), cursor(3, 7)], after(1)), None, "a new lane");
        assert_eq!(sweeps.bounds(&[cursor(1, 8)], after(1)), None, "a new lease");
    }
}
