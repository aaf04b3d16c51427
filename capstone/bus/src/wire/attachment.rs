//! [`Attachment`]: an outlet is in the table of the bus, until this is dropped.

use std::sync::Arc;

use crate::router::outlet::{Outlet, Port};
use crate::shared::shared::Shared;
use crate::{Bus, Pattern, SubscribeError};

impl Bus {
    /// Puts an outlet behind a pattern, alone or as a member of a queue group, until the attachment is dropped. Every
    /// message published after this returned is offered to it.
    ///
    /// # Errors
    ///
    /// The bus is closed.
    pub(super) fn attach(
        &self,
        pattern: Pattern,
        group: Option<Arc<str>>,
        outlet: Arc<dyn Outlet>,
    ) -> Result<Attachment, SubscribeError> {
        let shared = Arc::clone(self.shared());
        let port = shared.router.attach(pattern, group, outlet)?;
        Ok(Attachment { shared, port })
    }
}

/// Keeps an outlet attached; dropping it detaches it, at once and from any thread.
///
/// An offer that is under way on another thread may still reach the outlet afterwards.
#[derive(Debug)]
#[must_use = "dropping it detaches the outlet"]
pub(super) struct Attachment {
    shared: Arc<Shared>,
    pub(super) port: Arc<Port>,
}

impl Drop for Attachment {
    fn drop(&mut self) {
        self.shared.router.detach(&self.port);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::mailbox::offer::Patience;
    use crate::router::outlet::{Origin, Uptake};
    use crate::{Message, Overflow, Receipt, Topic};

    /// A connection that takes `room` messages and none of its own.
    #[derive(Debug, Default)]
    struct Connection {
        origin: u64,
        room: usize,
        taken: Mutex<Vec<String>>,
    }

    impl Connection {
        fn new(origin: u64, room: usize) -> Arc<Self> {
            Arc::new(Self { origin, room, taken: Mutex::default() })
        }

        fn taken(&self) -> Vec<String> {
            self.taken.lock().expect("not poisoned").clone()
        }
    }

    impl Outlet for Connection {
        fn offer(&self, message: &Message, origin: Origin) -> Uptake {
            let mut taken = self.taken.lock().expect("not poisoned");
            if origin == Origin(self.origin) {
                Uptake::Refused
            } else if taken.len() == self.room {
                Uptake::Dropped
            } else {
                taken.push(String::from_utf8_lossy(&message.payload).into_owned());
                Uptake::Enqueued
            }
        }

        fn pending(&self) -> usize {
            self.taken.lock().expect("not poisoned").len()
        }
    }

    #[track_caller]
    fn attach(bus: &Bus, group: Option<&str>, connection: &Arc<Connection>) -> Attachment {
        let (pattern, outlet) = ("t.>".parse().expect("a pattern"), Arc::clone(connection));
        bus.attach(pattern, group.map(Arc::from), outlet).expect("the bus is open")
    }

    #[track_caller]
    fn publish(bus: &Bus, payload: &'static str, origin: u64) -> (usize, usize, usize) {
        let message = Message::new(Topic::new("t.a").expect("a topic"), payload);
        let offered = bus.offer(message, Patience::Never, Origin(origin)).expect("the bus is open");
        let Receipt { matched, enqueued, dropped } = offered.receipt();
        (matched, enqueued, dropped)
    }

    #[test]
    fn an_outlet_gets_what_matches_until_it_is_detached() {
        let bus = Bus::new();
        let (one, two) = (Connection::new(1, 2), Connection::new(2, 9));
        let attachments = [attach(&bus, None, &one), attach(&bus, None, &two)];
        let _local = bus.subscribe("t.*").expect("a pattern");
        assert_eq!(bus.stats().active, 3);

        assert_eq!(publish(&bus, "a", 0), (3, 3, 0));
        assert_eq!(publish(&bus, "own", 1), (2, 2, 0), "the first does not want its own");
        assert_eq!(publish(&bus, "b", 2), (2, 2, 0));
        assert_eq!(publish(&bus, "c", 0), (3, 2, 1), "the first has no room");
        drop(attachments);
        assert_eq!(publish(&bus, "d", 0), (1, 1, 0));
        assert_eq!((one.taken().join(" "), two.taken().join(" ")), ("a b".into(), "a own c".into()));
        let stats = bus.stats();
        assert_eq!((stats.active, stats.delivered, stats.dropped, stats.unmatched), (1, 5, 1, 0));
        assert_eq!(stats.subscriptions[0].depth, 5);
    }

    #[test]
    fn a_member_without_room_leaves_the_message_to_another() {
        let bus = Bus::new();
        let (one, two) = (Connection::new(1, 1), Connection::new(2, 2));
        let _attachments = [attach(&bus, Some("g"), &one), attach(&bus, Some("g"), &two)];
        let local = bus.subscription("t.a").queue("g").capacity(2).overflow(Overflow::DropNewest);
        let _local = local.open().expect("valid options");
        for payload in ["a", "b", "c", "d", "e"] {
            assert_eq!(publish(&bus, payload, 0), (1, 1, 0), "{payload}");
        }
        assert_eq!(publish(&bus, "f", 0), (1, 0, 1), "nobody has room");
        assert_eq!((one.taken().len(), two.taken().len()), (1, 2));
        drop(_local);
        assert_eq!(publish(&bus, "g", 0), (1, 0, 1), "only those without room are left");
        assert_eq!(publish(&bus, "h", 1), (1, 0, 1));
        let stats = bus.stats();
        assert_eq!((stats.published, stats.delivered, stats.abandoned, stats.dropped), (8, 3, 2, 3));
    }

    #[test]
    fn one_member_of_a_group_gets_it_the_emptiest_and_never_the_origin_itself() {
        let bus = Bus::new();
        let (one, two) = (Connection::new(1, 9), Connection::new(2, 9));
        let _attachments = [attach(&bus, Some("g"), &one), attach(&bus, Some("g"), &two)];
        let mut local = bus.subscription("t.a").queue("g").open().expect("valid options");

        for payload in ["a", "b", "c"] {
            assert_eq!(publish(&bus, payload, 0), (1, 1, 0));
        }
        assert_eq!(local.try_recv().expect("a message").payload, "a", "among equals a mailbox is first");
        assert_eq!(publish(&bus, "d", 0), (1, 1, 0));
        assert_eq!(local.try_recv().expect("a message").payload, "d");
        drop(local);
        assert_eq!(publish(&bus, "e", 1), (1, 1, 0));
        assert!(two.taken().contains(&"e".to_owned()));
        assert_eq!(one.taken().len() + two.taken().len(), 3);
    }

    #[test]
    fn a_closed_bus_attaches_nothing() {
        let bus = Bus::new();
        bus.close();
        let refused = bus.attach("t".parse().expect("a pattern"), None, Connection::new(1, 1));
        assert_eq!(refused.expect_err("closed"), SubscribeError::Closed);
    }
}
