//! [`Keys`]: which messages of a mailbox may go, where only one of a key is worked on at a time.

use std::collections::{BTreeMap, VecDeque};

use crate::mailbox::entry::Entry;
use crate::mailbox::key::{Key, Panicked};

/// What a member has learnt about the message with this number.
pub(super) type Answer = (u64, Result<Option<Key>, Panicked>);

/// What is known about the keys of the messages in the ring, which are named by their numbers.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// Up to this number, all keys are known.
    pub(super) known: u64,
    /// The messages that may go: those without a key, and of each key that is free the oldest.
    pub(super) ready: BTreeMap<u64, Option<Key>>,
    /// Of each key that has a message that may go or is worked on: those behind it.
    behind: BTreeMap<Key, VecDeque<u64>>,
    /// The oldest number in the ring when it was last looked at. What is older and still named here was evicted.
    oldest: u64,
    /// How many drops have been shown as a gap.
    pub(super) shown: u64,
}

impl Keys {
    /// Takes in an answer, and returns the message if it is lost because of it. Somebody else may have been faster, or
    /// the message evicted.
    pub(super) fn learn(&mut self, ring: &mut VecDeque<Entry>, (number, key): Answer) -> Option<Entry> {
        if number <= self.known {
            return None;
        }
        self.known = number;
        self.forget_evicted(ring);
        let at = ring.binary_search_by_key(&number, |entry| entry.number).ok()?;
        match key {
            Err(Panicked) => return ring.remove(at),
            Ok(None) => drop(self.ready.insert(number, None)),
            Ok(Some(key)) => match self.behind.get_mut(&key) {
                Some(behind) => behind.push_back(number),
                None => {
                    self.behind.insert(key, VecDeque::new());
                    self.ready.insert(number, Some(key));
                }
            },
        }
        None
    }

    /// The oldest message that may go; its key is busy from now on.
    pub(super) fn next(&mut self, ring: &mut VecDeque<Entry>) -> Option<(Entry, Option<Key>)> {
        while let Some((number, key)) = self.ready.pop_first() {
            let at = ring.binary_search_by_key(&number, |entry| entry.number).ok();
            if let Some(entry) = at.and_then(|at| ring.remove(at)) {
                return Some((entry, key));
            }
            // Evicted, so it will never be finished.
            key.into_iter().for_each(|key| self.free(key));
        }
        None
    }

    pub(super) fn free(&mut self, key: Key) {
        let next = self.behind.get_mut(&key).and_then(VecDeque::pop_front);
        match next {
            Some(number) => drop(self.ready.insert(number, Some(key))),
            None => drop(self.behind.remove(&key)),
        }
    }

    /// So that what stands behind a busy key is never more than what is in the ring.
    fn forget_evicted(&mut self, ring: &VecDeque<Entry>) {
        let Some(Entry { number: oldest, .. }) = ring.front() else { return };
        if *oldest > self.oldest {
            self.oldest = *oldest;
            for behind in self.behind.values_mut() {
                while behind.front().is_some_and(|number| number < oldest) {
                    behind.pop_front();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::batch_slice::Run;
    use crate::{Message, Topic};

    #[test]
    fn of_a_busy_key_no_more_is_known_than_what_is_queued() {
        let (mut keys, mut ring) = (Keys::default(), VecDeque::new());
        let run = Run::one(Message::new(Topic::new("t").expect("a topic"), ""));
        let mut offer = |ring: &mut VecDeque<Entry>, number| {
            ring.push_back(Entry::new(number, run.clone()));
            ring.drain(..ring.len().saturating_sub(3));
            assert!(keys.learn(ring, (number, Ok(Some(Key(7))))).is_none());
            if number == 1 {
                keys.next(ring).expect("nobody has the key");
            }
            assert!(keys.behind[&Key(7)].len() <= ring.len(), "after {number}");
        };
        (1..100).for_each(|number| offer(&mut ring, number));

        keys.free(Key(7));
        let (entry, key) = keys.next(&mut ring).expect("nobody has the key");
        assert_eq!((entry.number, key), (97, Some(Key(7))));
        ring.clear();
        keys.free(Key(7));
        assert!(keys.next(&mut ring).is_none());
        assert!(keys.behind.is_empty(), "a key that nobody has is forgotten");
    }
}
