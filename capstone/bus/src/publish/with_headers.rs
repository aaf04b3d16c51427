//! How a [`Publisher`] publishes what is more than a payload.

use bytes::Bytes;

use crate::mailbox::offer::Patience;
use crate::publish::offered::Offered;
use crate::{Headers, Message, PublishError, Publisher, Receipt};

impl Publisher {
    /// [`Bus::publish`](crate::Bus::publish) on this topic.
    ///
    /// # Errors
    ///
    /// As [`Bus::publish`](crate::Bus::publish).
    ///
    /// # Panics
    ///
    /// As [`Bus::publish`](crate::Bus::publish).
    ///
    /// # Cancel safety
    ///
    /// As [`Bus::publish`](crate::Bus::publish).
    pub async fn publish_with(
        &mut self,
        headers: Headers,
        payload: impl Into<Bytes>,
    ) -> Result<Receipt, PublishError> {
        let message = Message::new(self.topic().clone(), payload).with_headers(headers);
        Ok(self.offer(message, Patience::Wait)?.settle().await)
    }

    /// [`Bus::try_publish`](crate::Bus::try_publish) on this topic.
    ///
    /// # Errors
    ///
    /// As [`Bus::try_publish`](crate::Bus::try_publish).
    pub fn try_publish_with(
        &mut self,
        headers: Headers,
        payload: impl Into<Bytes>,
    ) -> Result<Receipt, PublishError> {
        let message = Message::new(self.topic().clone(), payload).with_headers(headers);
        Ok(self.offer(message, Patience::Never)?.receipt())
    }

    /// [`Bus::publish`](crate::Bus::publish) for a message on this topic, with all that it has, such as where a reply goes.
    ///
    /// # Errors
    ///
    /// As [`Bus::publish`](crate::Bus::publish); and the message is on [another topic](PublishError::OtherTopic).
    ///
    /// # Panics
    ///
    /// As [`Bus::publish`](crate::Bus::publish).
    ///
    /// # Cancel safety
    ///
    /// As [`Bus::publish`](crate::Bus::publish).
    pub async fn publish_message(&mut self, message: Message) -> Result<Receipt, PublishError> {
        Ok(self.offer_message(message, Patience::Wait)?.settle().await)
    }

    /// [`Bus::try_publish`](crate::Bus::try_publish) for a message on this topic.
    ///
    /// # Errors
    ///
    /// As [`Bus::try_publish`](crate::Bus::try_publish); and the message is on [another topic](PublishError::OtherTopic).
    pub fn try_publish_message(&mut self, message: Message) -> Result<Receipt, PublishError> {
        Ok(self.offer_message(message, Patience::Never)?.receipt())
    }

    fn offer_message(&mut self, message: Message, patience: Patience) -> Result<Offered, PublishError> {
        if message.topic != *self.topic() {
            return Err(PublishError::OtherTopic(message));
        }
        self.offer(message, patience)
    }
}
