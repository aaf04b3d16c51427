//! [`Pool`]: how much may wait for all connections of a listener together.
//!
//! Counted in steps, so that a connection that keeps up never asks. When there is too much, whoever has the most waiting
//! has to go: not the one that happens to get the next message.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use super::outbound::Outbound;

/// A connection has this much for itself, and counts for as much with each further one.
const STEP: usize = 1 << 20;

/// See the module.
#[derive(Debug)]
pub(super) struct Pool {
    steps_max: usize,
    steps: AtomicUsize,
    /// Who counts for something. Of the standard library: locked to add or take out one, or to copy them all.
    holders: Mutex<Vec<Weak<Outbound>>>,
}

impl Pool {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { steps_max: bytes_max / STEP, steps: AtomicUsize::new(0), holders: Mutex::default() }
    }

    /// Counts what one connection has pending now, in place of the steps it had counted before. Says whether all of them
    /// are above the limit. Called with the connection's own lock held; [`relieve`](Self::relieve) is not.
    #[inline]
    pub(super) fn count(&self, holder: &Weak<Outbound>, counted: &mut usize, pending: usize) -> bool {
        // Down only half a step below, so that a connection at the edge does not come and go.
        if pending < (*counted + 1) * STEP && pending >= (*counted * STEP).saturating_sub(STEP / 2) {
            return false;
        }
        self.recount(holder, counted, pending / STEP)
    }

    #[cold]
    fn recount(&self, holder: &Weak<Outbound>, counted: &mut usize, steps: usize) -> bool {
        let before = std::mem::replace(counted, steps);
        match (before, steps) {
            (0, 1..) => self.lock().push(Weak::clone(holder)),
            (1.., 0) => self.lock().retain(|other| !other.ptr_eq(holder)),
            _ => {}
        }
        if steps > before {
            let more = steps - before;
            self.steps.fetch_add(more, Ordering::Relaxed) + more > self.steps_max
        } else {
            self.steps.fetch_sub(before - steps, Ordering::Relaxed);
            false
        }
    }

    /// Cuts off whoever has the most waiting, until there is room.
    pub(super) fn relieve(&self) {
        while self.steps.load(Ordering::Relaxed) > self.steps_max {
            let holders: Vec<Arc<Outbound>> = self.lock().iter().filter_map(Weak::upgrade).collect();
            let Some(largest) = holders.iter().max_by_key(|holder| holder.pending()) else { return };
            largest.cut_for_others();
        }
    }

    /// Nobody counts for anything.
    #[cfg(test)]
    pub(super) fn is_unused(&self) -> bool {
        self.steps.load(Ordering::Relaxed) == 0 && self.lock().is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Weak<Outbound>>> {
        self.holders.lock().expect("nothing that can panic runs under this lock")
    }
}
