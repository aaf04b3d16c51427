//! [`Counts`]: what a mailbox has counted.

use std::ops::AddAssign;

/// `depth` and `waiting` are of the moment, the others only rise.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) delivered: u64,
    pub(crate) filtered: u64,
    pub(crate) dropped: u64,
    pub(crate) abandoned: u64,
    pub(crate) high_water: usize,
    pub(crate) depth: usize,
    pub(crate) waiting: usize,
}

/// Adds what is past: not what is of the moment.
impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.delivered += other.delivered;
        self.filtered += other.filtered;
        self.dropped += other.dropped;
        self.abandoned += other.abandoned;
    }
}
