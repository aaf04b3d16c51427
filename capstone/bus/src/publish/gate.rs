//! The one gate that every publish passes.
//!
//! `$SYS` and `$DLQ` are published to by the bus alone, so that nobody can forge a dead letter. `$INBOX` must be open to
//! everybody, since a reply is an ordinary publish and may come from anywhere. Anybody may subscribe to all three, by
//! their names.

use std::sync::Arc;

use crate::mailbox::log::Scratch;
use crate::mailbox::offer::Patience;
use crate::message::batch_slice::Run;
use crate::publish::offered::{How, Offered};
use crate::publish::receipt::Refusal;
use crate::publish::reentry;
use crate::publish::way_back::WayBack;
use crate::router::matched::Matched;
use crate::router::outlet::Origin;
use crate::router::router::Closed;
#[cfg(feature = "wire")]
use crate::router::router::Remembered;
use crate::shared::shared::Shared;
use crate::topic::reserved::Owner;
use crate::{BatchError, Message, PublishError};

impl Shared {
    /// The first pass of a publish by anybody.
    pub(crate) fn offer(
        self: &Arc<Self>,
        mut message: Message,
        patience: Patience,
        origin: Origin,
    ) -> Result<Offered, PublishError> {
        self.link(&mut message);
        match Owner::of(&message.topic) {
            Owner::Anybody => self.offer_own(message, patience, origin),
            Owner::Inbox => self.offer_reply(Run::one(message), patience, origin),
            Owner::Bus => Err(PublishError::Reserved(message)),
        }
    }

    /// The same by somebody who remembers who wanted the last message, because the next one is often on that topic.
    #[cfg(feature = "wire")]
    pub(crate) fn offer_remembering(
        self: &Arc<Self>,
        last: &mut Remembered,
        mut message: Message,
        patience: Patience,
        origin: Origin,
    ) -> Result<Offered, PublishError> {
        if message.topic.is_reserved() {
            message.detach();
            return self.offer(message, patience, origin);
        }
        self.link(&mut message);
        let matched = last.matched(&self.router, &message.topic);
        if matched.as_ref().is_ok_and(|matched| matched.has_mailboxes()) {
            message.detach();
        }
        let message = Run::one(message);
        let offered = match matched {
            Err(Closed) => Err(Refusal::Closed),
            Ok(matched) => reentry::check([(matched, 1)])
                .and_then(|()| self.offer_to(matched, &message, patience, origin)),
        };
        self.counted(1, offered).map_err(|refusal| refusal.of_one(message))
    }

    /// The first pass of a publish by the bus itself: every topic is open to it.
    pub(crate) fn offer_own(
        &self,
        message: Message,
        patience: Patience,
        origin: Origin,
    ) -> Result<Offered, PublishError> {
        let message = Run::one(message);
        let offered = self.route_and_offer(&message, patience, origin);
        self.counted(1, offered).map_err(|refusal| refusal.of_one(message))
    }

    /// The first pass of a publish of many. Everything that can be refused is refused before anybody gets anything.
    pub(crate) fn offer_batch(
        self: &Arc<Self>,
        messages: impl IntoIterator<Item = Message>,
    ) -> Result<Offered, BatchError> {
        let linked = messages.into_iter().map(|mut message| {
            self.link(&mut message);
            message
        });
        let messages: Run = linked.collect();
        self.offer_runs(&messages).map_err(|refusal| refusal.of_batch(messages))
    }

    fn offer_runs(&self, messages: &Run) -> Result<Offered, Refusal> {
        if messages.iter().any(|message| Owner::of(&message.topic) == Owner::Bus) {
            return Err(Refusal::Reserved);
        }
        let mut runs = Vec::new();
        for run in messages.by_topic() {
            let route = self.router.route(&run.front().topic).map_err(|Closed| Refusal::Closed)?;
            runs.push((run, route));
        }
        reentry::check(runs.iter().map(|(run, route)| (&route.matched, run.len())))?;

        let mut all = Offered::default();
        for (run, route) in runs {
            let matched = &route.matched;
            let offered = match Owner::of(&run.front().topic) {
                Owner::Inbox => self.offer_replies(&run),
                _ => self.counted(
                    run.len(),
                    Offered::offer(&self.router, matched, &run, How::local(Patience::Wait)),
                ),
            };
            match offered {
                Ok(offered) => all.extend(offered),
                Err(refusal) if all.is_unmatched() => return Err(refusal),
                // Somebody has the first messages already; the others match nobody.
                Err(_) => break,
            }
        }
        Ok(all)
    }

    fn offer_replies(&self, replies: &Run) -> Result<Offered, Refusal> {
        let mut all = Offered::default();
        for reply in replies.singles() {
            match self.offer_reply(reply, Patience::Wait, Origin::LOCAL) {
                Ok(offered) => all.extend(offered),
                Err(_) if all.is_unmatched() => return Err(Refusal::Closed),
                Err(_) => break,
            }
        }
        Ok(all)
    }

    /// A reply goes to its request, and to whoever looks on. On a closed bus it still arrives at the request: it is
    /// not new, it is the end of something old.
    fn offer_reply(&self, reply: Run, patience: Patience, origin: Origin) -> Result<Offered, PublishError> {
        let answered = self.replies.answer(reply.front());
        let offered = match self.route_and_offer(&reply, patience, origin) {
            Err(Refusal::Closed) if answered => Ok(Offered::default()),
            offered => offered,
        };
        let offered = offered.map(|offered| if answered { offered.and_answered() } else { offered });
        self.counted(1, offered).map_err(|refusal| refusal.of_one(reply))
    }

    /// To the subscriptions of the topic of all these messages.
    fn route_and_offer(
        &self,
        messages: &Run,
        patience: Patience,
        origin: Origin,
    ) -> Result<Offered, Refusal> {
        let Ok(route) = self.router.route(&messages.front().topic) else { return Err(Refusal::Closed) };
        if patience == Patience::Wait {
            reentry::check([(&route.matched, messages.len())])?;
        }
        self.offer_to(&route.matched, messages, patience, origin)
    }

    /// To these, by their log if there is one and it is followed: else its followers would be held to have got something
    /// from elsewhere.
    fn offer_to(
        &self,
        matched: &Matched,
        messages: &Run,
        patience: Patience,
        origin: Origin,
    ) -> Result<Offered, Refusal> {
        let how = How::new(patience, origin);
        if let Some(message) = loggable(messages)
            && let Some(feed) = self.router.logs.followed(matched)
        {
            let mut scratch = Scratch { others_want_it: feed.leaves_out(matched), ..Scratch::default() };
            let copy = || message.clone();
            let followers = feed.log.publish(message.payload.len(), copy, &mut scratch);
            scratch.now();
            let written = (followers, &mut scratch);
            let offered = Offered::offer_rest(&self.router, matched, &feed.log, written, how);
            return offered.map_err(|_closed| Refusal::Closed);
        }
        Offered::offer(&self.router, matched, messages, how)
    }

    pub(crate) fn counted(
        &self,
        messages: usize,
        offered: Result<Offered, Refusal>,
    ) -> Result<Offered, Refusal> {
        let offered = offered?;
        self.published.add(messages);
        self.count_unmatched(&offered);
        Ok(offered)
    }

    pub(crate) fn count_unmatched(&self, offered: &Offered) {
        if offered.unmatched() > 0 {
            self.unmatched.add(offered.unmatched());
        }
    }

    /// Whoever responds finds the way back to this bus.
    pub(crate) fn link(self: &Arc<Self>, message: &mut Message) {
        // A request that is passed on is still the same request.
        if message.reply().is_some() && message.link().is_none() {
            message.set_link(WayBack::link(self, None));
        }
    }
}

/// A message that may lie in a log, which keeps what it has: the end of a request is that of its last copy.
pub(crate) fn loggable(messages: &Run) -> Option<&Message> {
    match messages {
        Run::One(message) if message.link().is_none() => Some(message),
        _ => None,
    }
}
