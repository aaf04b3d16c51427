//! [`Offered`]: the two passes behind every publish.
//!
//! Where router and mailboxes meet: the one knows no messages, the others no topics.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures::future::join_all;

use crate::base::turn::{has_several_workers, poll_turn};
use crate::mailbox::log::{Log, Scratch};
use crate::mailbox::mailbox::{Mailbox, NO_SOURCE};
use crate::mailbox::offer::{Letter, Offer, Patience};
use crate::mailbox::wait::Wait;
use crate::message::batch_slice::Run;
use crate::publish::receipt::Refusal;
use crate::router::matched::Matched;
use crate::router::outlet::{Origin, Uptake};
use crate::router::router::Router;
use crate::{PublishError, Receipt};

/// Messages after the first pass: every mailbox that takes part has them, or has refused them, or lets them wait.
#[derive(Debug, Default)]
#[must_use = "dropping it gives the places in the waiting lines up"]
pub(crate) struct Offered {
    receipt: Receipt,
    /// Messages that nobody was there to offer to.
    unmatched: usize,
    pub(crate) waits: Vec<Wait>,
    /// Copies that outlets took, and those that they had no room for.
    carried: (usize, usize),
}

/// By whom, and whether they can wait.
#[derive(Clone, Copy, Debug)]
pub(crate) struct How {
    pub(crate) patience: Patience,
    pub(crate) origin: Origin,
    /// What mailboxes know the log by that this is published to; see [`Log::source`].
    pub(crate) source: usize,
}

impl How {
    /// Without a log.
    pub(crate) fn new(patience: Patience, origin: Origin) -> Self {
        Self { patience, origin, source: NO_SOURCE }
    }

    /// By a handle of the bus.
    pub(crate) fn local(patience: Patience) -> Self {
        Self::new(patience, Origin::LOCAL)
    }
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
        how: How,
    ) -> Result<Self, Refusal> {
        let mut offered = Self::default();
        if messages.len() > 1 && matched.is_selective() {
            for message in messages.singles() {
                let mut one = Self::default();
                one.offer_to(router, &matched.plain, matched, &message, how);
                offered.extend(one);
            }
        } else {
            offered.offer_to(router, &matched.plain, matched, messages, how);
        }
        if offered.is_unmatched() && !matched.is_empty() && router.is_closed() {
            return Err(Refusal::Closed);
        }
        Ok(offered)
    }

    /// The same for a message that lies in a log already: so many follow it, and have it.
    pub(crate) fn offer_rest(
        router: &Router,
        matched: &Matched,
        log: &Arc<Log>,
        (followers, scratch): (usize, &mut Scratch),
        how: How,
    ) -> Result<Self, PublishError> {
        let mut offered = Self::default();
        offered.enqueued(followers);
        let Scratch { apart, at: Some(at), others_want_it, .. } = scratch else { return Ok(offered) };
        for index in apart.drain(..) {
            let letter = (Letter::At(at), log.source());
            offered.offer_letter(router, &log.members[index], letter, how.patience);
        }
        if *others_want_it {
            let (message, never_follow) =
                (Run::one(at.message().clone()), |it: &&Arc<Mailbox>| !it.may_follow());
            offered.offer_to(router, matched.plain.iter().filter(never_follow), matched, &message, how);
        }
        if offered.is_unmatched() && router.is_closed() {
            return Err(PublishError::Closed(at.message().clone()));
        }
        offered.unmatched = usize::from(offered.is_unmatched());
        Ok(offered)
    }

    /// To these of the mailboxes that match, and to everybody who is no mailbox or shares one.
    fn offer_to<'a>(
        &mut self,
        router: &Router,
        mailboxes: impl IntoIterator<Item = &'a Arc<Mailbox>>,
        matched: &Matched,
        messages: &Run,
        How { patience, origin, source }: How,
    ) {
        // ANCHOR: first-pass
        for mailbox in mailboxes {
            self.offer_letter(router, mailbox, (Letter::Run(messages), source), patience);
        }
        for port in &matched.outlets {
            messages.iter().for_each(|message| self.add_uptake(port.outlet.offer(message, origin)));
        }
        for group in &matched.groups {
            self.offer_group(router, group, messages, patience, origin);
        }
        // ANCHOR_END: first-pass
        router.carried.add(std::mem::take(&mut self.carried));
        self.unmatched = if self.is_unmatched() { messages.len() } else { 0 };
    }

    /// Says no when it has ended in the meantime.
    pub(crate) fn offer_mailbox(
        &mut self,
        router: &Router,
        mailbox: &Arc<Mailbox>,
        messages: &Run,
        patience: Patience,
    ) -> bool {
        self.offer_letter(router, mailbox, (Letter::Run(messages), NO_SOURCE), patience)
    }

    /// The same for what may lie in a log, by whom.
    pub(crate) fn offer_letter(
        &mut self,
        router: &Router,
        mailbox: &Arc<Mailbox>,
        (letter, source): (Letter<'_>, usize),
        patience: Patience,
    ) -> bool {
        match mailbox.offer(letter, source, patience) {
            Offer::Gone => return false,
            Offer::Waiting { enqueued, span, timeout } => {
                self.enqueued(enqueued);
                self.receipt.matched += span.len();
                self.waits.push(Wait::new(Arc::clone(mailbox), span, timeout));
            }
            Offer::Disconnected { enqueued, dropped } => {
                router.unroute(mailbox);
                self.enqueued(enqueued);
                self.dropped(dropped);
            }
            Offer::Dropped { enqueued, dropped } => {
                self.enqueued(enqueued);
                self.dropped(dropped);
            }
            Offer::Enqueued => self.enqueued(letter.len()),
        }
        true
    }

    /// So many copies have a place.
    pub(crate) fn enqueued(&mut self, copies: usize) {
        self.receipt.matched += copies;
        self.receipt.enqueued += copies;
    }

    fn dropped(&mut self, copies: usize) {
        self.receipt.matched += copies;
        self.receipt.dropped += copies;
    }

    pub(crate) fn add_uptake(&mut self, uptake: Uptake) {
        match uptake {
            Uptake::Enqueued => {
                self.carried.0 += 1;
                self.enqueued(1);
            }
            Uptake::Dropped => {
                self.carried.1 += 1;
                self.dropped(1);
            }
            Uptake::Refused => {}
        }
    }

    /// Takes in what became of the messages behind these.
    pub(crate) fn extend(&mut self, later: Self) {
        self.receipt.add(later.receipt);
        self.unmatched += later.unmatched;
        self.waits.extend(later.waits);
    }

    /// Of a message for which nothing is left to do.
    pub(crate) fn done(receipt: Receipt) -> Self {
        Self { receipt, ..Self::default() }
    }

    /// Counts the request that got the message as its reply.
    pub(crate) fn and_answered(mut self) -> Self {
        self.enqueued(1);
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
        let mut waits = std::mem::take(&mut self.waits);
        if has_several_workers() {
            // The consumers may only need their turn. To look again costs less than a timer, whose registration wakes
            // the worker that watches the clock.
            for _ in 0..LOOKS {
                tokio::task::yield_now().await;
                let mut some_wait = false;
                waits.iter_mut().for_each(|wait| some_wait |= wait.look());
                if !some_wait {
                    break;
                }
            }
        }
        for waited in join_all(waits.into_iter().map(Wait::outcome)).await {
            self.receipt.enqueued += waited.enqueued;
            self.receipt.dropped += waited.dropped;
        }
        self.receipt
    }
}

/// How often a publisher that has to wait comes back before it goes to sleep.
const LOOKS: usize = 4;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mailbox::overflow::Settings;
    use crate::mailbox::spec::Spec;
    use crate::{Bus, Message, Topic};

    /// A router with these subscribers, each a pattern and a group; and what a message on `t` matches now.
    fn matched<const N: usize>(
        subscribers: [(&str, Option<&str>); N],
    ) -> (Router, [Arc<Mailbox>; N], Matched) {
        let router = Router::new();
        let mailboxes = subscribers.map(|(pattern, group)| {
            let (pattern, settings) = (pattern.parse().expect("a pattern"), Settings::default());
            let spec = Spec { pattern, group: group.map(Arc::from), name: None, settings };
            router.subscribe(spec).expect("the router is open").1
        });
        let matched = router.route(&message().topic).expect("the router is open").matched;
        (router, mailboxes, matched)
    }

    fn offer(router: &Router, matched: &Matched) -> Result<Offered, Refusal> {
        Offered::offer(router, matched, &Run::one(message()), How::local(Patience::Never))
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
