//! [`Parked`]: the consumers that found a mailbox empty.

use std::task::Waker;

use crate::base::few::Few;
use crate::base::id::SubscriberId;

/// All of them are woken by the next message.
///
/// # Why wake all members of a group, and not one?
///
/// The one may never come: its task may have turned to something else after it was parked, and a `Stream` has no way of
/// saying so. The message would lie there beside idle members. Members are parked only while the group has nothing to
/// do, so the superfluous wake-ups fall into idle time.
#[derive(Debug, Default)]
pub(crate) struct Parked {
    /// In place, because nearly every mailbox has one consumer, and on an idle bus each look elsewhere costs as much as
    /// a hundred instructions.
    first: Option<(SubscriberId, Waker)>,
    /// Absent for nearly every mailbox.
    #[expect(clippy::box_collection, reason = "so that a mailbox is small")]
    others: Option<Box<Vec<(SubscriberId, Waker)>>>,
}

impl Parked {
    /// Remembers to wake this task; returns the waker that it takes the place of.
    pub(crate) fn park(&mut self, member: SubscriberId, waker: Waker) -> Option<Waker> {
        if let Some((_, old)) = self
            .first
            .iter_mut()
            .chain(self.others.iter_mut().flat_map(|others| others.iter_mut()))
            .find(|(id, _)| *id == member)
        {
            return Some(std::mem::replace(old, waker));
        }
        match &mut self.first {
            None => self.first = Some((member, waker)),
            Some(_) => self.others.get_or_insert_default().push((member, waker)),
        }
        None
    }

    pub(crate) fn remove(&mut self, member: SubscriberId) -> Option<Waker> {
        if let Some((_, waker)) = self.first.take_if(|(id, _)| *id == member) {
            self.first = self.others.as_mut().and_then(|others| others.pop());
            return Some(waker);
        }
        let others = self.others.as_mut()?;
        let at = others.iter().position(|(id, _)| *id == member)?;
        Some(others.swap_remove(at).1)
    }

    /// The waker of the only one there can be.
    pub(crate) fn take_only(&mut self) -> Option<Waker> {
        self.first.take().map(|(_, waker)| waker)
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    pub(crate) fn take(&mut self, wake: &mut Few<Waker>) {
        if let Some((_, first)) = self.first.take() {
            wake.push(first);
            self.others
                .iter_mut()
                .flat_map(|others| others.drain(..))
                .for_each(|(_, waker)| wake.push(waker));
        }
    }
}
