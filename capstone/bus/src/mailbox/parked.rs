//! [`Parked`]: the consumers that found a mailbox empty.

use std::task::Waker;

use crate::{few::Few, router::SubscriberId};

/// All of them are woken by the next message.
///
/// # Why wake all members of a group, and not one?
///
/// The one may never come: its task may have turned to something else after it was parked, and a `Stream` has no way of
/// saying so. The message would lie there beside idle members. Members are parked only while the group has nothing to
/// do, so the superfluous wake-ups fall into idle time.
#[derive(Debug, Default)]
pub(crate) struct Parked(Vec<(SubscriberId, Waker)>);

impl Parked {
    /// Remembers to wake this task; returns the waker that it takes the place of.
    pub(crate) fn park(&mut self, member: SubscriberId, waker: &Waker) -> Option<Waker> {
        match self.0.iter_mut().find(|(id, _)| *id == member) {
            Some((_, old)) if old.will_wake(waker) => None,
            Some((_, old)) => Some(std::mem::replace(old, waker.clone())),
            None => {
                // Room for one and not for four: nearly every mailbox has one consumer.
                self.0.reserve_exact(usize::from(self.0.is_empty()));
                self.0.push((member, waker.clone()));
                None
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn remove(&mut self, member: SubscriberId) -> Option<Waker> {
        let at = self.0.iter().position(|(id, _)| *id == member)?;
        Some(self.0.swap_remove(at).1)
    }

    pub(crate) fn take(&mut self, wake: &mut Few<Waker>) {
        while let Some((_, waker)) = self.0.pop() {
            wake.push(waker);
        }
    }
}
