//! [`Few`]: any number of things, and no allocation for the first.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Waker;

/// Collected under a lock, to be woken or dropped without it. Usually it is one.
#[derive(Debug)]
#[must_use = "is woken or dropped without holding a lock"]
pub(crate) struct Few<T> {
    first: Option<T>,
    others: Vec<T>,
}

impl<T> Few<T> {
    #[inline(always)]
    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    pub(crate) fn push(&mut self, thing: T) {
        match &self.first {
            None => self.first = Some(thing),
            Some(_) => self.others.push(thing),
        }
    }
}

impl Few<Waker> {
    pub(crate) fn wake(self) {
        // Usually there is nobody: this is on the way of every message.
        if let Some(first) = self.first {
            wake(first);
            self.others.into_iter().for_each(wake);
        }
    }
}

/// A panic is the waker's own: it keeps nobody else from being woken, and is not the fault of whoever wakes.
pub(crate) fn wake(waker: Waker) {
    // Unwind safe: nothing of ours is in the waker.
    drop(catch_unwind(AssertUnwindSafe(|| waker.wake())));
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self { first: None, others: Vec::new() }
    }
}
