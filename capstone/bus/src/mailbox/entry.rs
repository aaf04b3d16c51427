//! [`Entry`]: messages in a row with the numbers of their offers.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::Message;
use crate::run::Run;

/// Offered together, so their numbers follow one another. Never empty.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Of the first.
    pub(crate) number: u64,
    pub(crate) run: Run,
}

impl Entry {
    /// Of the last.
    pub(crate) fn last(&self) -> u64 {
        self.number + self.run.len() as u64 - 1
    }
}

/// Takes the oldest message out, with its number.
#[inline]
pub(crate) fn pop_one(ring: &mut VecDeque<Entry>) -> Option<(u64, Arc<Message>)> {
    let entry = ring.front_mut()?;
    let number = entry.number;
    if let Run::Part(part) = &mut entry.run {
        entry.number += 1;
        let message = part.pop()?;
        if entry.run.is_empty() {
            ring.pop_front();
        }
        return Some((number, message));
    }
    match ring.pop_front()?.run {
        Run::One(message) => Some((number, message)),
        Run::Part(_) => unreachable!("it has just been looked at"),
    }
}

/// How many numbers are missing between what was handed out last and this, which is handed out now.
#[inline]
pub(crate) fn gap(last_out: &mut u64, number: u64) -> u64 {
    let missing = number - *last_out - 1;
    *last_out = number;
    missing
}
