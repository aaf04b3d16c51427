//! A store whose lanes all belong to one relay, and its rows by the numbers that the suite gives to messages.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Subject;
use crate::message::{Envelope, Ident, Message, MessageId, RowId, Seq};
use crate::store::{
    Budget, Change, Changes, Cursor, Due, DueLook, Fenced, Held, Hold, Lane, Lease, Look, Owner, Settled,
    Store,
};

pub(super) const TTL: Duration = Duration::from_secs(8);
pub(super) const PLENTY: Budget = Budget { rows: 10_000, bytes: 1 << 20 };

pub(super) struct Owned<S> {
    pub(super) subject: S,
    pub(super) leases: Vec<Lease>,
    /// By the number of the message.
    rows: BTreeMap<u8, Envelope>,
}

/// A message of `key`, none if empty. Its id tells its number.
pub(super) fn message(number: u8, key: &str, payload: &str) -> Message {
    let message = Message::new("orders.created".parse().expect("a topic"), payload.to_owned());
    let message = message.with_id(MessageId::from_bytes([number; 16]));
    if key.is_empty() { message } else { message.with_key(key).expect("a key") }
}

pub(super) fn number(id: MessageId) -> u8 {
    id.as_bytes()[0]
}

pub(super) fn numbers(rows: &[Envelope]) -> Vec<u8> {
    rows.iter().map(|row| number(row.id)).collect()
}

/// Takes all lanes, which must be free.
pub(super) async fn take_all(store: &impl Store, owner: &str) -> Vec<Lease> {
    let leases = store.acquire(&Owner::new(owner), u16::MAX, TTL).await.expect("lanes are taken");
    assert_eq!(leases.len(), usize::from(store.lanes()), "all lanes are free");
    leases
}

impl<S: Subject> Owned<S> {
    /// With a message of each of these keys, numbered from 1; the payload is the number.
    pub(super) async fn with(make: impl AsyncFnOnce() -> S, keys: &[&str]) -> Self {
        let messages = (1..).zip(keys).map(|(number, key)| message(number, key, &number.to_string()));
        Self::with_messages(make, messages.collect()).await
    }

    pub(super) async fn with_messages(make: impl AsyncFnOnce() -> S, messages: Vec<Message>) -> Self {
        let subject = make().await;
        subject.enqueue(messages).await;
        let leases = take_all(&**subject.store(), "a").await;
        let mut owned = Self { subject, leases, rows: BTreeMap::new() };
        owned.read().await;
        owned
    }

    /// Enqueues one more.
    pub(super) async fn enqueue(&mut self, message: Message) {
        self.subject.enqueue(vec![message]).await;
        self.read().await;
    }

    async fn read(&mut self) {
        let rows = self.store().fetch(&self.look(), PLENTY).await.expect("a fetch").rows;
        self.rows.extend(rows.into_iter().map(|row| (number(row.id), row)));
    }

    pub(super) fn store(&self) -> &S::Store {
        self.subject.store()
    }

    pub(super) fn row(&self, number: u8) -> RowId {
        self.rows[&number].row()
    }

    pub(super) fn rows_of(&self, numbers: &[u8]) -> Vec<RowId> {
        numbers.iter().map(|number| self.row(*number)).collect()
    }

    pub(super) fn seq(&self, number: u8) -> Seq {
        self.rows[&number].seq
    }

    pub(super) fn ident(&self, number: u8) -> Ident {
        self.rows[&number].ident()
    }

    pub(super) fn lane(&self, number: u8) -> Lane {
        self.rows[&number].lane
    }

    /// Of the lane that this row is in.
    pub(super) fn lease(&self, number: u8) -> Lease {
        let lane = self.lane(number);
        *self.leases.iter().find(|lease| lease.lane == lane).expect("it holds every lane")
    }

    pub(super) fn lanes(&self) -> Vec<Lane> {
        self.leases.iter().map(|lease| lease.lane).collect()
    }

    /// At all lanes, from their beginnings.
    pub(super) fn look(&self) -> Look {
        let cursors = self.leases.iter().map(|lease| Cursor { lease: *lease, after: Seq::START });
        Look { cursors: cursors.collect(), ..Look::default() }
    }

    /// At the lane of this row, from its beginning.
    pub(super) fn look_at(&self, number: u8) -> Look {
        let cursors = vec![Cursor { lease: self.lease(number), after: Seq::START }];
        Look { cursors, ..Look::default() }
    }

    /// Numbers of what may be published, in that order.
    pub(super) async fn waiting(&self) -> Vec<u8> {
        let mut rows = self.store().fetch(&self.look(), PLENTY).await.expect("a fetch").rows;
        rows.sort_by_key(|row| row.seq);
        numbers(&rows)
    }

    /// Changes about this row.
    pub(super) fn fenced(&self, number: u8, changes: Vec<Change>) -> Changes {
        let lease = self.lease(number);
        let fenced = changes.into_iter().map(|change| Fenced { lease, change });
        Changes { published: vec![], fenced: fenced.collect() }
    }

    pub(super) async fn settle(&self, number: u8, changes: Vec<Change>) {
        let changes = self.fenced(number, changes);
        assert_eq!(self.settled(&changes).await, Settled::default(), "{changes:?}");
    }

    pub(super) async fn settled(&self, changes: &Changes) -> Settled {
        self.store().settle(changes).await.expect("a flush")
    }

    /// The first of these is the head that failed.
    pub(super) fn hold(&self, held: &[u8], attempts: u32, hold: Hold) -> Change {
        let (head, ident) = (held[0], self.ident(held[0]));
        let key = Held { lane: self.lane(head), ident, head: self.row(head), attempts, hold };
        Change::Hold { held: key, rows: self.rows_of(held), error: "no".into() }
    }

    pub(super) fn due_look(&self) -> DueLook {
        DueLook { lanes: self.lanes(), except: vec![], rows_each: 100, wait_max: Duration::from_secs(900) }
    }

    pub(super) async fn due(&self) -> Due {
        self.store().due(&self.due_look(), PLENTY).await.expect("what is due")
    }
}
