//! Whether the database has gone back in time under a relay: restored from a backup, or its counter was set back.

use std::sync::Mutex;

use crate::store::{Epoch, Lease};

/// The highest number that was given out by the last look, and under which lease.
#[derive(Debug, Default)]
pub(super) struct Counted(Mutex<Option<(Epoch, i64)>>);

impl Counted {
    /// Numbers only grow while a database is one and the same. If they did not, what the relay remembers of the rows is void.
    pub(super) fn has_fallen(&self, lease: Lease, counter: i64) -> bool {
        let mut seen = self.0.lock().expect("nothing panics while it is held");
        let before = seen.filter(|(epoch, _)| *epoch == lease.epoch);
        let has_fallen = before.is_some_and(|(_, before)| counter < before);
        *seen = (!has_fallen).then_some((lease.epoch, counter));
        has_fallen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Lane;

    #[test]
    fn a_counter_that_falls_is_seen_once_and_forgotten_with_the_lease() {
        let (counted, lease) = (Counted::default(), |epoch| Lease { lane: Lane(0), epoch: Epoch(epoch) });
        assert!(!counted.has_fallen(lease(1), 5) && !counted.has_fallen(lease(1), 7));
        assert!(!counted.has_fallen(lease(1), 7), "nothing came");
        assert!(counted.has_fallen(lease(1), 6));
        assert!(!counted.has_fallen(lease(2), 6) && !counted.has_fallen(lease(3), 2));
    }
}
