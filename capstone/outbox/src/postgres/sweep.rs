//! When to look below the cursors, and how far a look ahead may go without it.
//!
//! A row's number is taken before its commit, so a row may appear below a cursor that has passed it: a sweep finds it. It
//! costs an index scan over all that was deleted and not yet vacuumed, which is long while a transaction stays open
//! anywhere in the database. So sweeps are spaced by their cost, and in between a look ahead goes on only to the last number
//! that had been given out when the last sweep began. A row up to there has its key's lock taken, at the latest, by then; so
//! whatever is before it in its key was committed by then, and the sweep has found it.

use std::collections::HashMap;

use tokio::time::Instant;

use super::fetch::Swept;
use crate::message::Seq;
use crate::store::{Cursor, Epoch, Lane};

/// Of the server's time, a sweep gets at most one part in so many.
const COST_SHARE: u32 = 20;

/// What is known of the lanes below their cursors.
#[derive(Default)]
pub(super) struct Sweeps {
    /// Up to which number a lane has been swept, under which lease.
    lanes: HashMap<Lane, (Epoch, Seq)>,
    next_at: Option<Instant>,
}

impl Sweeps {
    /// How far each lane may be read without another sweep; `None` when one is due now.
    pub(super) fn bounds(&self, cursors: &[Cursor], now: Instant) -> Option<Vec<i64>> {
        if self.next_at.is_none_or(|next_at| next_at <= now) {
            return None;
        }
        // A lane that was taken since the last sweep has nothing below its cursor yet, but the next look may.
        cursors.iter().map(|cursor| self.swept(cursor)).collect()
    }

    /// When the next one may begin.
    pub(super) fn next_at(&self) -> Option<Instant> {
        self.next_at
    }

    pub(super) fn done(&mut self, cursors: &[Cursor], swept: &Swept) {
        let lanes = cursors.iter().map(|cursor| (cursor.lease.lane, (cursor.lease.epoch, swept.last)));
        self.lanes.extend(lanes);
        self.next_at = Some(swept.at + swept.cost * COST_SHARE);
    }

    fn swept(&self, cursor: &Cursor) -> Option<i64> {
        let (epoch, upto) = self.lanes.get(&cursor.lease.lane)?;
        (*epoch == cursor.lease.epoch).then_some(upto.0)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
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

        let swept = Swept { last: Seq(90), at: now, cost: Duration::from_millis(5) };
        sweeps.done(&[cursor(1, 7), cursor(2, 7)], &swept);
        assert_eq!(sweeps.bounds(&[cursor(2, 7), cursor(1, 7)], after(99)), Some(vec![90, 90]));
        assert_eq!(sweeps.bounds(&[cursor(1, 7)], after(100)), None, "due again");
        assert_eq!(sweeps.bounds(&[cursor(1, 7), cursor(3, 7)], after(1)), None, "a new lane");
        assert_eq!(sweeps.bounds(&[cursor(1, 8)], after(1)), None, "a new lease");
    }
}
