//! [`Offered`]: the two passes behind every publish.
//!
//! Where router and mailboxes meet: the one knows no messages, the others no topics.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures::future::join_all;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::coop::poll_proceed;

use crate::Receipt;
use crate::mailbox::{Mailbox, Offer, Patience};
use crate::matched::{Matched, MatchedGroup};
use crate::outlet::{Origin, Port, Turns, Uptake};
use crate::publish::Refusal;
use crate::router::Router;
use crate::run::Run;
use crate::wait::Wait;

/// Messages after the first pass: every mailbox that takes part has them, or has refused them, or lets them wait.
#[derive(Debug, Default)]
#[must_use = "dropping it gives the places in the waiting lines up"]
pub(crate) struct Offered {
    receipt: Receipt,
    /// Messages that nobody was there to offer to.
    unmatched: usize,
    waits: Vec<Wait>,
}

impl Offered {
    /// The first pass: offers to everybody that matches, and awaits nothing. So nobody gets a message late because
    /// somebody else is slow, and a cancelled publish has reached either everybody or nobody.
    ///
    /// Since the match, subscriptions may have gone, and the bus may have been closed, mailbox by mailbox. It is an
    /// error only if all were closed.
    pub(crate) fn offer(
        router: &Router,
        matched: &Matched,
        messages: &Run,
        patience: Patience,
        origin: Origin,
    ) -> Result<Self, Refusal> {
        if messages.len() > 1 && matched.is_selective() {
            let mut all = Self::default();
            for message in messages.singles() {
                match Self::offer(router, matched, &message, patience, origin) {
                    Ok(offered) => all.extend(offered),
                    Err(refusal) if all.is_unmatched() => return Err(refusal),
                    // Somebody has the first messages already; the others match nobody.
                    Err(_) => break,
                }
            }
            return Ok(all);
        }
        // ANCHOR: first-pass
        let mut offered = Self::default();
        for mailbox in &matched.plain {
            offered.offer_mailbox(router, mailbox, messages, patience);
        }
        for port in &matched.outlets {
            messages.iter().for_each(|message| offered.add(port.outlet.offer(message, origin).into()));
        }
        for group in &matched.groups {
            offered.offer_group(router, group, messages, patience, origin);
        }
        // ANCHOR_END: first-pass
        if offered.is_unmatched() && !matched.is_empty() && router.is_closed() {
            return Err(Refusal::Closed);
        }
        offered.unmatched = if offered.is_unmatched() { messages.len() } else { 0 };
        Ok(offered)
    }

    fn offer_mailbox(&mut self, router: &Router, mailbox: &Arc<Mailbox>, messages: &Run, patience: Patience) {
        match mailbox.offer(messages, patience) {
            Offer::Enqueued => {
                self.receipt.matched += messages.len();
                self.receipt.enqueued += messages.len();
            }
            offer => {
                if let Offer::Disconnected { .. } = offer {
                    router.unroute(mailbox);
                }
                self.add(offer);
            }
        }
    }

    // ANCHOR: group
    /// One member gets a message: the emptiest; among equals the oldest mailbox, and outlets in turn.
    fn offer_group(
        &mut self,
        router: &Router,
        group: &MatchedGroup,
        messages: &Run,
        patience: Patience,
        origin: Origin,
    ) {
        if let ([only], []) = (&*group.mailboxes, &*group.outlets) {
            return self.offer_mailbox(router, only, messages, patience);
        }
        for message in messages.singles() {
            let candidates = by_load(group, &router.turns);
            // One that has ended in the meantime is no reason for the group to miss the message.
            let offers =
                candidates.iter().map(|candidate| (candidate, candidate.offer(&message, patience, origin)));
            let taken = offers.into_iter().find(|(_, offer)| !matches!(offer, Offer::Gone));
            let Some((candidate, offer)) = taken else { continue };
            if let (Candidate::Mailbox(mailbox), Offer::Disconnected { .. }) = (candidate, &offer) {
                router.unroute(mailbox);
            }
            self.add(offer);
        }
    }
    // ANCHOR_END: group

    fn add(&mut self, offer: Offer) {
        let (enqueued, dropped, waiting) = match offer {
            Offer::Gone => return,
            Offer::Enqueued => (1, 0, 0),
            Offer::Dropped { enqueued, dropped } | Offer::Disconnected { enqueued, dropped } => {
                (enqueued, dropped, 0)
            }
            Offer::Waiting { enqueued, wait } => {
                let waiting = wait.len();
                self.waits.push(wait);
                (enqueued, 0, waiting)
            }
        };
        self.receipt.enqueued += enqueued;
        self.receipt.dropped += dropped;
        self.receipt.matched += enqueued + dropped + waiting;
    }

    /// Takes in what became of the messages behind these.
    pub(crate) fn extend(&mut self, later: Self) {
        self.receipt.matched += later.receipt.matched;
        self.receipt.enqueued += later.receipt.enqueued;
        self.receipt.dropped += later.receipt.dropped;
        self.unmatched += later.unmatched;
        self.waits.extend(later.waits);
    }

    /// Counts the request that got the message as its reply.
    pub(crate) fn and_answered(mut self) -> Self {
        self.receipt.matched += 1;
        self.receipt.enqueued += 1;
        self.unmatched = 0;
        self
    }

    /// How many of the messages nobody was there to offer to.
    pub(crate) fn unmatched(&self) -> usize {
        self.unmatched
    }

    /// Whether a mailbox has it.
    pub(crate) fn is_enqueued(&self) -> bool {
        self.receipt.enqueued > 0
    }

    /// Nobody was there to offer it to.
    pub(crate) fn is_unmatched(&self) -> bool {
        self.receipt.matched == 0
    }

    /// There is nothing to wait for.
    #[cfg(feature = "wire")]
    pub(crate) fn is_settled(&self) -> bool {
        self.waits.is_empty()
    }

    /// The receipt of a publisher without patience.
    pub(crate) fn receipt(self) -> Receipt {
        debug_assert!(self.waits.is_empty(), "who has no patience does not wait");
        self.receipt
    }

    /// The second pass: awaits the full mailboxes, if there are any.
    #[inline]
    pub(crate) fn settle(self) -> Settle {
        Settle::Offered(self)
    }

    /// Awaits all mailboxes at once, each with its own timeout.
    async fn waited(mut self) -> Receipt {
        let waits = std::mem::take(&mut self.waits);
        if has_several_workers() {
            // The consumers may only need their turn. To look again costs less than a timer, whose registration wakes
            // the worker that watches the clock.
            tokio::task::yield_now().await;
        }
        for waited in join_all(waits.into_iter().map(Wait::outcome)).await {
            self.receipt.enqueued += waited.enqueued;
            self.receipt.dropped += waited.dropped;
        }
        self.receipt
    }
}

/// The second pass of a publish. By hand and not an `async fn`, because most messages have nothing to wait for.
#[must_use = "dropping it gives the places in the waiting lines up"]
pub(crate) enum Settle {
    Offered(Offered),
    Waiting(Pin<Box<dyn Future<Output = Receipt> + Send>>),
}

impl Future for Settle {
    type Output = Receipt;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Receipt> {
        let this = self.get_mut();
        if let Self::Offered(offered) = this {
            ready!(poll_turn(cx));
            if offered.waits.is_empty() {
                return Poll::Ready(offered.receipt);
            }
            *this = Self::Waiting(Box::pin(std::mem::take(offered).waited()));
        }
        match this {
            Self::Waiting(waited) => waited.as_mut().poll(cx),
            Self::Offered(_) => unreachable!("it has just been replaced"),
        }
    }
}

/// Takes part in Tokio's cooperative scheduling. Behind the offer, so that the order of messages is the order of first
/// polls.
#[inline]
pub(crate) async fn take_turn() {
    poll_fn(poll_turn).await;
}

#[inline]
fn poll_turn(cx: &mut Context<'_>) -> Poll<()> {
    poll_proceed(cx).map(|budget| budget.made_progress())
}

impl From<Uptake> for Offer {
    fn from(uptake: Uptake) -> Self {
        match uptake {
            Uptake::Enqueued => Self::Enqueued,
            Uptake::Dropped => Self::Dropped { enqueued: 0, dropped: 1 },
            Uptake::Refused => Self::Gone,
        }
    }
}

fn has_several_workers() -> bool {
    Handle::try_current().is_ok_and(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread)
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

    fn offer(&self, message: &Run, patience: Patience, origin: Origin) -> Offer {
        match self {
            Self::Mailbox(mailbox) => mailbox.offer(message, patience),
            Self::Outlet(port) => port.outlet.offer(message.front(), origin).into(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::overflow::Settings;
    use crate::router::Request;
    use crate::{Bus, Message, Topic};

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
        let matched = router.route(&message().topic).expect("the router is open").matched;
        (router, mailboxes, matched)
    }

    fn offer(router: &Router, matched: &Matched) -> Result<Offered, Refusal> {
        Offered::offer(router, matched, &Run::one(message()), Patience::Never, Origin::LOCAL)
    }

    fn message() -> Message {
        Message::new(Topic::new("t").expect("a topic"), "m")
    }

    #[test]
    fn who_goes_between_the_match_and_the_offer_has_never_matched() {
        let (router, [goes, _stays], matched) = matched([("t", None), ("t", None)]);
        router.unsubscribe(goes.id, &goes);
        let offered = offer(&router, &matched).expect("open");
        assert_eq!(offered.receipt(), Receipt { matched: 1, enqueued: 1, dropped: 0 });
    }

    #[test]
    fn a_group_gets_the_message_although_the_mailbox_chosen_first_goes_in_between() {
        let (router, [goes, stays], matched) = matched([("t", Some("g")), (">", Some("g"))]);
        router.unsubscribe(goes.id, &goes);
        let offered = offer(&router, &matched).expect("open");
        assert_eq!(offered.receipt(), Receipt { matched: 1, enqueued: 1, dropped: 0 });
        assert_eq!(stays.counts().depth, 1);
    }

    #[test]
    fn a_close_in_between_is_an_error_only_if_nobody_got_the_message() {
        let (router, [first, _second], matched) = matched([("t", None), ("t", None)]);
        first.close();
        let offered = offer(&router, &matched).expect("the second has it");
        assert_eq!(offered.receipt(), Receipt { matched: 1, enqueued: 1, dropped: 0 });
        router.close();
        offer(&router, &matched).expect_err("nobody has it");
    }

    #[test]
    fn nobody_at_all_is_no_error() {
        assert_eq!(Bus::new().try_publish(message()), Ok(Receipt::default()));
    }
}
