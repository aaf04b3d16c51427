//! Who of a queue group gets a message: a member that has room, and only where none has, one whose overflow decides.

use std::sync::Arc;

use crate::mailbox::mailbox::Mailbox;
use crate::mailbox::offer::{Offer, Patience};
use crate::message::batch_slice::Run;
use crate::publish::offered::Offered;
use crate::router::matched::MatchedGroup;
use crate::router::outlet::{Origin, Port, Turns, Uptake};
use crate::router::router::Router;

/// Somebody who takes messages for a group: the mailbox of all members with one pattern, or one member's outlet.
enum Candidate<'a> {
    Mailbox(&'a Arc<Mailbox>),
    Outlet(&'a Arc<Port>),
}

impl Candidate<'_> {
    fn load(&self) -> usize {
        match self {
            Self::Mailbox(mailbox) => {
                let counts = mailbox.counts();
                counts.depth + counts.waiting
            }
            Self::Outlet(port) => port.outlet.pending(),
        }
    }
}

/// Those who would have taken a message, the emptiest first, and have no room for it.
#[derive(Default)]
struct Full<'a> {
    mailboxes: Vec<&'a Arc<Mailbox>>,
    outlets: usize,
}

impl Offered {
    // ANCHOR: group
    /// One member gets each message: the emptiest that has room; among equals the oldest mailbox, and outlets in turn.
    pub(crate) fn offer_group(
        &mut self,
        router: &Router,
        group: &MatchedGroup,
        messages: &Run,
        patience: Patience,
        origin: Origin,
    ) {
        if let ([only], []) = (&*group.mailboxes, &*group.outlets) {
            self.offer_mailbox(router, only, messages, patience);
            return;
        }
        for (at, message) in messages.singles().enumerate() {
            let (mut candidates, mut full) = (by_load(group, &router.turns).into_iter(), Full::default());
            if candidates.any(|candidate| self.offer_if_room(candidate, &message, origin, &mut full)) {
                continue;
            }
            let rest = messages.clone().behind(messages.first() + at);
            if patience == Patience::Wait && self.wait_for_one(router, &full, &rest) {
                return;
            }
            self.offer_who_is_full(router, &full, &message);
        }
    }
    // ANCHOR_END: group

    /// Says no when it has no room, or has ended in the meantime, which is no reason for the group to miss the message.
    fn offer_if_room<'a>(
        &mut self,
        candidate: Candidate<'a>,
        message: &Run,
        origin: Origin,
        full: &mut Full<'a>,
    ) -> bool {
        match candidate {
            Candidate::Mailbox(mailbox) => match mailbox.offer_if_room(message) {
                Some(Offer::Gone) => return false,
                Some(_) => self.enqueued(1),
                None => {
                    full.mailboxes.push(mailbox);
                    return false;
                }
            },
            Candidate::Outlet(port) => match port.outlet.offer(message.front(), origin) {
                Uptake::Refused => return false,
                Uptake::Enqueued => self.add_uptake(Uptake::Enqueued),
                Uptake::Dropped => {
                    full.outlets += 1;
                    return false;
                }
            },
        }
        true
    }

    /// Waits where somebody lets the message wait, in the shortest line, for a place there or at any of the others. What
    /// was published behind it waits behind it. Says no when nobody does.
    fn wait_for_one(&mut self, router: &Router, full: &Full<'_>, rest: &Run) -> bool {
        let waits = full.mailboxes.iter().filter(|mailbox| mailbox.lets_wait(1));
        let Some(chosen) = waits.min_by_key(|mailbox| mailbox.counts().waiting) else { return false };
        let before = self.waits.len();
        let taken = self.offer_mailbox(router, chosen, rest, Patience::Wait);
        let others = full.mailboxes.iter().filter(|mailbox| mailbox.id != chosen.id);
        if let Some(wait) = self.waits.get_mut(before) {
            wait.or_in(others.map(|mailbox| Arc::clone(mailbox)).collect());
        }
        taken
    }

    /// By the policy of the emptiest.
    fn offer_who_is_full(&mut self, router: &Router, full: &Full<'_>, message: &Run) {
        let mut mailboxes = full.mailboxes.iter();
        let taken = mailboxes.any(|mailbox| self.offer_mailbox(router, mailbox, message, Patience::Never));
        if !taken && full.outlets > 0 {
            self.add_uptake(Uptake::Dropped);
        }
    }
}

fn by_load<'a>(group: &'a MatchedGroup, turns: &Turns) -> Vec<Candidate<'a>> {
    let mailboxes = group.mailboxes.iter().map(Candidate::Mailbox);
    let outlets = turns.rotated(&group.outlets).map(Candidate::Outlet);
    let mut candidates: Vec<_> = mailboxes.chain(outlets).collect();
    candidates.sort_by_cached_key(Candidate::load);
    candidates
}
