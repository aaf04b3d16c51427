//! [`Entry`]: messages in a row with the numbers of their offers.

use std::collections::VecDeque;

use crate::message::batch_slice::Run;

/// Offered together, so their numbers follow one another. Never empty.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Of the first that is left.
    pub(crate) number: u64,
    pub(crate) run: Run,
    /// Where the first that is left is in its batch.
    pub(crate) at: usize,
}

impl Entry {
    #[inline]
    pub(crate) fn new(number: u64, run: Run) -> Self {
        Self { number, at: run.first(), run }
    }

    /// How many are left.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        match &self.run {
            Run::One(_) => 1,
            Run::Part(part) => part.end - self.at,
        }
    }

    /// Of the last.
    #[inline]
    pub(crate) fn last(&self) -> u64 {
        self.number + self.len() as u64 - 1
    }
}

/// Takes the oldest message out: an entry of one.
#[inline]
pub(crate) fn pop_one(ring: &mut VecDeque<Entry>) -> Option<Entry> {
    let entry = ring.front_mut()?;
    if entry.len() == 1 {
        return ring.pop_front();
    }
    if entry.at == entry.run.first() {
        entry.run = entry.run.for_one_receiver();
    }
    let one = Entry { run: entry.run.clone(), ..*entry };
    entry.number += 1;
    entry.at += 1;
    Some(one)
}

/// How many numbers are missing between what was handed out last and this, which is handed out now.
#[inline]
pub(crate) fn gap(last_out: &mut u64, number: u64) -> u64 {
    let missing = number - *last_out - 1;
    *last_out = number;
    missing
}
