//! [`Delivery::respond`]: the other side of a request.

use bytes::Bytes;

use crate::mailbox::offer::Patience;
use crate::publish::way_back::WayBack;
use crate::router::outlet::Origin;
use crate::{Delivery, Message, PublishError, Receipt, Topic};

impl Delivery {
    /// Replies to who sent this message. A reply is an ordinary message on the topic that
    /// [`reply`](Message::reply) names.
    ///
    /// In the receipt, `matched` is 0 when nobody waits for the reply any more; the first reply counts.
    ///
    /// # Errors
    ///
    /// The message asks for no reply, or the reply cannot be published. After the bus was closed, a reply to a
    /// request that still waits is delivered.
    ///
    /// # Panics
    ///
    /// As [`publish`](crate::Bus::publish).
    ///
    /// # Cancel safety
    ///
    /// As `publish`: dropped before its first poll, nobody gets the reply; dropped later, a request that waits for it
    /// has it.
    pub async fn respond(&self, payload: impl Into<Bytes>) -> Result<Receipt, RespondError> {
        let response = self.response(payload)?;
        let Some(shared) = WayBack::bus(self.link()) else {
            return Err(PublishError::Closed(response).into());
        };
        let offered = shared.offer(response, Patience::Wait, Origin::LOCAL)?;
        Ok(offered.settle().await)
    }

    /// The message that [`respond`](Self::respond) publishes, for a reply with headers.
    ///
    /// # Errors
    ///
    /// The message asks for no reply.
    pub fn response(&self, payload: impl Into<Bytes>) -> Result<Message, RespondError> {
        let not_a_request = || RespondError::NotARequest { topic: self.topic.clone() };
        let reply = self.reply().cloned().ok_or_else(not_a_request)?;
        Ok(Message::new(reply, payload))
    }

    /// Says that somebody who holds no copy of this message will reply to it: on the other side of a connection, in
    /// another process. It returns where to.
    ///
    /// Without this, a request whose last copy is dropped ends at once with
    /// [`ResponderGone`](crate::RequestError::ResponderGone). After it, only a reply or the timeout ends it.
    pub fn hand_over(&self) -> Option<&Topic> {
        WayBack::hand_over(self.link());
        self.reply()
    }
}

/// There is no reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RespondError {
    /// The message says nowhere to reply to.
    #[error("the message on {topic} asks for no reply")]
    NotARequest {
        /// Where the message was published.
        topic: Topic,
    },
    /// The reply was not published.
    #[error(transparent)]
    Refused(#[from] PublishError),
}
