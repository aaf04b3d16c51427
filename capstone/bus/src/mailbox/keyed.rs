//! [`InFlight`]: how a member takes messages out of a mailbox where only one of a key is worked on at a time.
//!
//! # Who asks for the key?
//!
//! The member that comes to a message first, on its own task and without the lock. The message stays in the ring
//! meanwhile, and nobody takes a message behind one whose key is not known: so per key the order holds. Two members may
//! ask about the same message; then the first answer counts.
//!
//! # What holds whenever the lock is free
//!
//! - Nobody is parked while a message may go or has an unknown key, or when the end has come.
//! - A key is known to [`Keys`](crate::mailbox::keys::Keys) while a message of it may go or is worked on. Without such it is forgotten.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::task::{Context, Waker};

use crate::Delivery;
use crate::base::few::Few;
use crate::base::id::SubscriberId;
use crate::base::turn::poll_turn;
use crate::mailbox::entry::Entry;
use crate::mailbox::key::{Key, KeyedBy};
use crate::mailbox::keys::Answer;
use crate::mailbox::mailbox::{Mailbox, Take};
use crate::mailbox::state::{Phase, State};

/// The keys of what one member is working on, or one worker of a handler. Dropping it frees them.
#[derive(Debug)]
pub(crate) struct InFlight {
    mailbox: Arc<Mailbox>,
    keyed_by: KeyedBy,
    member: SubscriberId,
    keys: Vec<Key>,
}

/// So many messages at most are looked at in one poll, whoever runs the task. Tokio lets it have fewer when it has used
/// up its turn.
const LOOKS_MAX: usize = 128;

const KEYED: &str = "only members of a keyed mailbox have messages in flight";

/// What a member finds while it has the lock.
struct Look {
    taken: usize,
    /// Its key could not be said; dropped without the lock.
    refused: Option<Entry>,
    then: Then,
}

enum Then {
    Done,
    Ask(u64, Delivery),
    Empty,
    Closed,
}

impl InFlight {
    /// Absent where messages have no keys.
    pub(crate) fn new(member: SubscriberId, mailbox: &Arc<Mailbox>) -> Option<Self> {
        let keyed_by = mailbox.settings.keyed_by.clone()?;
        Some(Self { mailbox: Arc::clone(mailbox), keyed_by, member, keys: Vec::new() })
    }

    /// Frees the keys of before, and hands out the oldest messages that may go: at most so many, and perhaps none
    /// because a key could not be said. When there is none and a task is given, it is woken when there may be one.
    pub(crate) fn take(
        &mut self,
        max: usize,
        mut out: impl FnMut(Delivery),
        task: Option<&Context<'_>>,
    ) -> Take<usize> {
        let mut finished = std::mem::take(&mut self.keys);
        let (mut taken, mut refused, mut answer) = (0, false, None);
        // Who cannot come again looks at all there is, and at no more: publishers that evict may bring new messages for ever.
        let looks = if task.is_some() { LOOKS_MAX } else { self.mailbox.settings.capacity };
        for left in (0..=looks).rev() {
            let look = self.look(&mut finished, answer.take(), max - taken, &mut out);
            taken += look.taken;
            refused |= look.refused.is_some();
            let nothing = taken == 0 && !refused;
            match (look.then, task) {
                (Then::Ask(..), task) if left == 0 || task.is_some_and(turn_is_over) => break,
                (Then::Ask(number, message), _) => {
                    answer = Some((number, self.keyed_by.key_of(&message)));
                }
                (Then::Empty, Some(cx)) if nothing => {
                    if self.mailbox.park(self.member, cx, |state| state.has_nothing_to_go()) {
                        return Take::Empty;
                    }
                }
                (Then::Empty, None) if nothing => return Take::Empty,
                (Then::Closed, _) if nothing => return Take::Closed,
                (Then::Done | Then::Empty | Then::Closed, _) => return Take::Taken(taken),
            }
        }
        if taken == 0 && !refused {
            // There is more to look at. The task comes again, when others had their turn.
            task.into_iter().for_each(|cx| cx.waker().wake_by_ref());
            return Take::Empty;
        }
        Take::Taken(taken)
    }

    fn look(
        &mut self,
        finished: &mut Vec<Key>,
        answer: Option<Answer>,
        max: usize,
        out: &mut impl FnMut(Delivery),
    ) -> Look {
        let mailbox = &self.mailbox;
        let (mut state, mut wake) = (mailbox.lock(), Few::default());
        mailbox.admit(&mut state, &mut wake);
        let State { ring, keys, dropped, .. } = &mut state.state;
        let keys = keys.as_mut().expect(KEYED);
        finished.drain(..).for_each(|key| keys.free(key));
        let refused = answer.and_then(|answer| keys.learn(ring, answer));
        let mut taken = 0;
        while taken < max
            && let Some((entry, key)) = keys.next(ring)
        {
            out(entry.into_delivery(*dropped - keys.shown));
            keys.shown = *dropped;
            self.keys.extend(key);
            taken += 1;
        }
        mailbox.exit.filtered.fetch_add(u64::from(refused.is_some()), SeqCst);
        mailbox.exit.handed_out.fetch_add(taken as u64 + u64::from(refused.is_some()), SeqCst);
        mailbox.admit(&mut state, &mut wake);
        state.wake_for_keys(&mut wake);

        let then = if taken == max {
            Then::Done
        } else if let Some(entry) = state.unknown() {
            Then::Ask(entry.number, entry.front())
        } else if state.ring.is_empty() && state.phase != Phase::Open {
            Then::Closed
        } else {
            Then::Empty
        };
        drop(state);
        wake.wake();
        Look { taken, refused, then }
    }

    /// Frees the keys: the next messages that have them may go.
    pub(crate) fn finish(&mut self) {
        if self.keys.is_empty() {
            return;
        }
        let (mut state, mut wake) = (self.mailbox.lock(), Few::default());
        let keys = state.keys.as_mut().expect(KEYED);
        self.keys.drain(..).for_each(|key| keys.free(key));
        state.wake_for_keys(&mut wake);
        drop(state);
        wake.wake();
    }
}

/// Each look is a step of the task.
fn turn_is_over(task: &Context<'_>) -> bool {
    poll_turn(&mut Context::from_waker(task.waker())).is_pending()
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.finish();
    }
}

impl State {
    /// Wakes who is parked, unless there is nothing to do.
    fn wake_for_keys(&mut self, wake: &mut Few<Waker>) {
        if !self.has_nothing_to_go() {
            self.parked.take(wake);
        }
    }

    /// Whether no message may go or has an unknown key, and the end has not come.
    fn has_nothing_to_go(&self) -> bool {
        let may_go = self.keys.as_ref().is_some_and(|keys| !keys.ready.is_empty());
        let ended = self.phase != Phase::Open && self.ring.is_empty();
        !may_go && !ended && self.unknown().is_none()
    }

    /// The oldest message whose key is not known.
    fn unknown(&self) -> Option<&Entry> {
        let known = self.keys.as_ref().map_or(0, |keys| keys.known);
        let at = self.ring.partition_point(|entry| entry.number <= known);
        self.ring.get(at)
    }
}
