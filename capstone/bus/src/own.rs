//! The topics that are the bus's own, and the one gate that every publish passes.
//!
//! `$SYS` and `$DLQ` are published to by the bus alone, so that nobody can forge a dead letter. `$INBOX` must be open to
//! everybody, since a reply is an ordinary publish and may come from anywhere. Anybody may subscribe to all three, by
//! their names.

use std::sync::Arc;

use crate::{
    Message, PublishError, Topic, mailbox::Patience, outlet::Origin, publish::Offered, replies::INBOX,
    shared::Shared,
};

/// Who may publish to a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Anybody,
    /// Anybody, as the reply to a request.
    Inbox,
    Bus,
}

impl Owner {
    fn of(topic: &Topic) -> Self {
        if !topic.is_reserved() {
            return Self::Anybody;
        }
        match topic.tokens().next() {
            Some("$SYS" | "$DLQ") => Self::Bus,
            Some(INBOX) => Self::Inbox,
            _ => Self::Anybody,
        }
    }
}

impl Shared {
    /// The first pass of a publish by anybody.
    pub(crate) fn offer(
        self: &Arc<Self>,
        mut message: Message,
        patience: Patience,
        origin: Origin,
    ) -> Result<Offered, PublishError> {
        if message.reply.is_some() {
            message.link.to(self);
        }
        match Owner::of(&message.topic) {
            Owner::Anybody => self.offer_own(message, patience, origin),
            Owner::Inbox => self.offer_reply(message, patience, origin),
            Owner::Bus => Err(PublishError::Reserved(message)),
        }
    }

    /// The first pass of a publish by the bus itself: every topic is open to it.
    pub(crate) fn offer_own(
        &self,
        message: Message,
        patience: Patience,
        origin: Origin,
    ) -> Result<Offered, PublishError> {
        let offered = Offered::offer(&self.router, message, patience, origin)?;
        self.published.add_one();
        if offered.is_unmatched() {
            self.unmatched.add_one();
        }
        Ok(offered)
    }

    /// A reply goes to its request, and to whoever looks on. On a closed bus it still arrives at the request: it is
    /// not new, it is the end of something old.
    fn offer_reply(
        &self,
        message: Message,
        patience: Patience,
        origin: Origin,
    ) -> Result<Offered, PublishError> {
        let answered = self.replies.answer(&message);
        let offered = match Offered::offer(&self.router, message, patience, origin) {
            Err(PublishError::Closed(_)) if answered => Offered::default(),
            offered => offered?,
        };
        self.published.add_one();
        if answered {
            return Ok(offered.and_answered());
        }
        if offered.is_unmatched() {
            self.unmatched.add_one();
        }
        Ok(offered)
    }
}
