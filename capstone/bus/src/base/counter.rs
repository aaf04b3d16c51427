//! [`Counter`]: counts, and orders nothing.

use std::sync::atomic::{AtomicU64, Ordering};

/// On a cache line of its own, because publishers write one for every message, and whatever lay beside it would be taken
/// away from everybody who reads it.
#[derive(Debug, Default)]
#[repr(align(64))]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add_one(&self) {
        self.add(1);
    }

    pub(crate) fn add(&self, number: usize) {
        self.0.fetch_add(number as u64, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
