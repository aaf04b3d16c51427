//! [`Inbox`]: where a request waits for its reply.

use std::sync::Arc;

use tokio::sync::oneshot;

use crate::Message;
use crate::publish::way_back::WayBack;
use crate::shared::shared::Shared;

/// A place in the table, held by the request. Dropping it makes a reply from then on a late one.
#[derive(Debug)]
pub(crate) struct Inbox {
    shared: Arc<Shared>,
    number: u64,
    /// Closed without a value when nobody is left who could reply.
    pub(crate) reply: oneshot::Receiver<Message>,
}

impl Inbox {
    pub(crate) fn open(shared: &Arc<Shared>) -> Self {
        let (number, reply) = shared.replies.open();
        Self { shared: Arc::clone(shared), number, reply }
    }

    /// The message as this request sends it.
    pub(crate) fn address(&self, message: &Message) -> Message {
        let topic = self.shared.replies.topic(self.number);
        let link = WayBack::link(&self.shared, Some(self.number));
        let mut message = message.clone().with_reply(topic);
        message.set_link(link);
        message
    }
}

impl Drop for Inbox {
    fn drop(&mut self) {
        self.shared.replies.forget(self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Bus, Topic};

    #[test]
    fn a_request_that_is_over_leaves_nothing_in_the_table() {
        let bus = Bus::new();
        let message = Message::new(Topic::new("t").expect("a topic"), "m");
        let inbox = Inbox::open(bus.shared());
        let sent = inbox.address(&message);
        WayBack::hand_over(sent.link());
        drop(inbox);
        assert_eq!(bus.shared().replies.waiting(), 0);
        // The end of the message comes later, and finds nothing to end.
        drop(sent);
        assert_eq!(bus.shared().replies.waiting(), 0);
    }
}
