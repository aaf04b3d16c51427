//! [`Receipt`] and [`PublishError`]: what a publisher learns; and the two passes behind them.

use std::sync::Arc;

use futures::future::join_all;

use crate::{
    Message,
    mailbox::{Mailbox, Offer, Patience, Waited},
    outlet::{Origin, Port, Turns, Uptake},
    reentry,
    router::{Closed, Matched, MatchedGroup, Router},
    wait::Wait,
};

/// What became of a message that was offered. `matched` is always `enqueued` plus `dropped`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// Mailboxes that it was offered to. A queue group counts as one; nobody there is 0, and no error.
    pub matched: usize,
    /// Mailboxes that it was put into. It does not mean that anybody has handled it.
    pub enqueued: usize,
    /// Mailboxes that had no place for it, each by its own policy.
    pub dropped: usize,
}

/// Nothing was enqueued anywhere: publishing the same message again makes no duplicate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The bus takes no messages any more.
    #[error("publish to {}: the bus is closed", .0.topic)]
    Closed(Message),
    /// `$SYS` and `$DLQ` belong to the bus: subscribe to them, and leave the publishing to it.
    #[error("publish to {}: the topic is the bus's own", .0.topic)]
    Reserved(Message),
    /// A handler would wait for a place in its own full mailbox, and only it could make the place.
    ///
    /// Found out for a handler with a concurrency of one that publishes on its own task. Longer cycles, publishes from
    /// tasks that it spawned and queue groups are not seen: their wait ends by the timeout of
    /// [`Block`](crate::Overflow::Block).
    #[error("publish to {}: the handler that publishes would wait for itself", .0.topic)]
    WouldDeadlock(Message),
}

impl PublishError {
    /// The message, given back.
    pub fn into_message(self) -> Message {
        match self {
            Self::Closed(message) | Self::Reserved(message) | Self::WouldDeadlock(message) => message,
        }
    }

    /// The same, giving another message back.
    pub(crate) fn with_message(self, message: Message) -> Self {
        match self {
            Self::Closed(_) => Self::Closed(message),
            Self::Reserved(_) => Self::Reserved(message),
            Self::WouldDeadlock(_) => Self::WouldDeadlock(message),
        }
    }
}

/// A message after the first pass: every mailbox that takes part has it, or has refused it, or lets it wait.
#[derive(Debug, Default)]
#[must_use = "dropping it gives the places in the waiting lines up"]
pub(crate) struct Offered {
    receipt: Receipt,
    waits: Vec<Wait>,
}

impl Offered {
    /// The first pass: offers to every mailbox that matches, and awaits nothing. So nobody gets a message late because
    /// somebody else is slow, and a cancelled publish has reached either everybody or nobody.
    pub(crate) fn offer(
        router: &Router,
        message: Message,
        patience: Patience,
        origin: Origin,
    ) -> Result<Self, PublishError> {
        match router.matches(&message.topic) {
            Ok(matched) if patience == Patience::Wait && reentry::would_deadlock(&matched.plain) => {
                Err(PublishError::WouldDeadlock(message))
            }
            Ok(matched) => Self::offer_to(&matched, router, message, patience, origin),
            Err(Closed) => Err(PublishError::Closed(message)),
        }
    }

    /// Since the match, subscriptions may have gone, and the bus may have been closed, mailbox by mailbox.
    fn offer_to(
        matched: &Matched,
        router: &Router,
        message: Message,
        patience: Patience,
        origin: Origin,
    ) -> Result<Self, PublishError> {
        let message = Arc::new(message);
        let mut offered = Self { receipt: Receipt::default(), waits: Vec::new() };
        for mailbox in &matched.plain {
            offered.add(mailbox.offer(&message, patience));
        }
        for port in &matched.outlets {
            offered.add(port.outlet.offer(&message, origin).into());
        }
        for group in &matched.groups {
            offered.add(offer_to_group(group, &router.turns, &message, patience, origin));
        }
        let all_gone = offered.is_unmatched() && !matched.is_empty();
        if all_gone && router.is_closed() {
            return Err(PublishError::Closed(Arc::unwrap_or_clone(message)));
        }
        Ok(offered)
    }

    fn add(&mut self, offer: Offer) {
        match offer {
            Offer::Gone => return,
            Offer::Enqueued => self.receipt.enqueued += 1,
            Offer::Dropped => self.receipt.dropped += 1,
            Offer::Waiting(wait) => self.waits.push(wait),
        }
        self.receipt.matched += 1;
    }

    /// Counts the request that got the message as its reply.
    pub(crate) fn and_answered(mut self) -> Self {
        self.receipt.matched += 1;
        self.receipt.enqueued += 1;
        self
    }

    /// Whether a mailbox has it.
    pub(crate) fn is_enqueued(&self) -> bool {
        self.receipt.enqueued > 0
    }

    /// Nobody was there to offer it to.
    pub(crate) fn is_unmatched(&self) -> bool {
        self.receipt.matched == 0
    }

    /// The receipt of a publisher without patience.
    pub(crate) fn receipt(self) -> Receipt {
        debug_assert!(self.waits.is_empty(), "who has no patience does not wait");
        self.receipt
    }

    /// The second pass: awaits the full mailboxes, all at once, each with its own timeout.
    pub(crate) async fn settle(mut self) -> Receipt {
        let waits = std::mem::take(&mut self.waits);
        if waits.is_empty() {
            return self.receipt;
        }
        for waited in join_all(waits.into_iter().map(Wait::outcome)).await {
            match waited {
                Waited::Moved => self.receipt.enqueued += 1,
                Waited::Dropped => self.receipt.dropped += 1,
            }
        }
        self.receipt
    }
}

impl From<Uptake> for Offer {
    fn from(uptake: Uptake) -> Self {
        match uptake {
            Uptake::Enqueued => Self::Enqueued,
            Uptake::Dropped => Self::Dropped,
            Uptake::Refused => Self::Gone,
        }
    }
}

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

    fn offer(&self, message: &Arc<Message>, patience: Patience, origin: Origin) -> Offer {
        match self {
            Self::Mailbox(mailbox) => mailbox.offer(message, patience),
            Self::Outlet(port) => port.outlet.offer(message, origin).into(),
        }
    }
}

/// One member gets the message: the emptiest; among equals the oldest mailbox, and outlets in turn.
fn offer_to_group(
    group: &MatchedGroup,
    turns: &Turns,
    message: &Arc<Message>,
    patience: Patience,
    origin: Origin,
) -> Offer {
    if let ([only], []) = (&*group.mailboxes, &*group.outlets) {
        return only.offer(message, patience);
    }
    let mailboxes = group.mailboxes.iter().map(Candidate::Mailbox);
    let outlets = turns.rotated(&group.outlets).map(Candidate::Outlet);
    let mut candidates: Vec<_> =
        mailboxes.chain(outlets).map(|candidate| (candidate.load(), candidate)).collect();
    candidates.sort_by_key(|(load, _)| *load);
    // One that has ended in the meantime is no reason for the group to miss the message.
    let offers = candidates.iter().map(|(_, candidate)| candidate.offer(message, patience, origin));
    offers.into_iter().find(|offer| !matches!(offer, Offer::Gone)).unwrap_or(Offer::Gone)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bus, Topic, overflow::Settings, router::Request};

    /// A router with these subscribers, each a pattern and a group; and what a message on `t` matches now.
    fn matched<const N: usize>(
        subscribers: [(&str, Option<&str>); N],
    ) -> (Router, [Arc<Mailbox>; N], Matched) {
        let router = Router::new();
        let mailboxes = subscribers.map(|(pattern, group)| {
            let (pattern, settings) = (pattern.parse().expect("a pattern"), Settings::default());
            let request = Request { pattern, group: group.map(Arc::from), name: None, settings };
            router.subscribe(request).expect("the router is open").1
        });
        let matched = router.matches(&message().topic).expect("the router is open");
        (router, mailboxes, matched)
    }

    fn message() -> Message {
        Message::new(Topic::new("t").expect("a topic"), "m")
    }

    #[test]
    fn who_goes_between_the_match_and_the_offer_has_never_matched() {
        let (router, [goes, _stays], matched) = matched([("t", None), ("t", None)]);
        router.unsubscribe(goes.id, &goes);
        let offered =
            Offered::offer_to(&matched, &router, message(), Patience::Never, Origin::LOCAL).expect("open");
        assert_eq!(offered.receipt(), Receipt { matched: 1, enqueued: 1, dropped: 0 });
    }

    #[test]
    fn a_group_gets_the_message_although_the_mailbox_chosen_first_goes_in_between() {
        let (router, [goes, stays], matched) = matched([("t", Some("g")), (">", Some("g"))]);
        router.unsubscribe(goes.id, &goes);
        let offered =
            Offered::offer_to(&matched, &router, message(), Patience::Never, Origin::LOCAL).expect("open");
        assert_eq!(offered.receipt(), Receipt { matched: 1, enqueued: 1, dropped: 0 });
        assert_eq!(stays.counts().depth, 1);
    }

    #[test]
    fn a_close_in_between_is_an_error_only_if_nobody_got_the_message() {
        let (router, [first, _second], matched) = matched([("t", None), ("t", None)]);
        first.close();
        let offered = Offered::offer_to(&matched, &router, message(), Patience::Never, Origin::LOCAL)
            .expect("the second has it");
        assert_eq!(offered.receipt(), Receipt { matched: 1, enqueued: 1, dropped: 0 });
        router.close();
        let refused = Offered::offer_to(&matched, &router, message(), Patience::Never, Origin::LOCAL);
        assert_eq!(refused.expect_err("nobody has it").into_message(), message());
    }

    #[test]
    fn nobody_at_all_is_no_error() {
        assert_eq!(Bus::new().try_publish(message()), Ok(Receipt::default()));
    }
}
