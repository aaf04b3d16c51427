//! The suite for stores and sinks finds what it is for: each of these breaks one promise.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use capstone_outbox::memory::MemoryStore;
use capstone_outbox::store::{
    Budget, Changes, Due, DueLook, Fetched, Lease, Legacy, Look, Owner, Renewed, Settled, Store,
};
use capstone_outbox::testing::{sink, store};
use capstone_outbox::{Attempt, Envelope, Message, MessageId, Seq, Sink, SinkError, StoreError};
use futures::FutureExt;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// It brings more than is allowed.
    Greedy,
    /// The last row comes first.
    Reversed,
    /// A lane stays with its owner.
    Clinging,
    /// It says that all leases hold.
    Polite,
    /// It brings what the relay has in memory.
    Repeating,
    /// It reads by key under a lease that is lost.
    Unfenced,
    /// It deletes nothing.
    Hoarding,
    /// It forgets what was under way.
    Forgetful,
    /// A key goes on while rows of it are held.
    Careless,
}

struct Broken {
    store: MemoryStore,
    fault: Fault,
}

impl Store for Broken {
    fn lanes(&self) -> u16 {
        self.store.lanes()
    }

    fn commits_late(&self) -> bool {
        self.store.commits_late()
    }

    async fn renew(&self, owner: &Owner, ttl: Duration) -> Result<Renewed, StoreError> {
        self.store.renew(owner, ttl).await
    }

    async fn acquire(&self, owner: &Owner, lanes_max: u16, ttl: Duration) -> Result<Vec<Lease>, StoreError> {
        self.store.acquire(owner, lanes_max, ttl).await
    }

    async fn release(&self, leases: &[Lease]) -> Result<(), StoreError> {
        if self.fault == Fault::Clinging { Ok(()) } else { self.store.release(leases).await }
    }

    async fn leave(&self, owner: &Owner) -> Result<(), StoreError> {
        self.store.leave(owner).await
    }

    async fn legacy(&self, lanes: &[capstone_outbox::store::Lane]) -> Result<Legacy, StoreError> {
        let legacy = self.store.legacy(lanes).await?;
        Ok(if self.fault == Fault::Forgetful { Legacy::default() } else { legacy })
    }

    async fn fetch(&self, look: &Look, budget: Budget) -> Result<Fetched, StoreError> {
        let budget = if self.fault == Fault::Greedy { Budget { rows: 1_000, ..budget } } else { budget };
        let mut fetched = self.store.fetch(look, budget).await?;
        if self.fault == Fault::Reversed {
            fetched.rows.reverse();
        }
        Ok(fetched)
    }

    async fn due(&self, look: &DueLook, budget: Budget) -> Result<Due, StoreError> {
        let mut look = look.clone();
        if self.fault == Fault::Repeating {
            look.except.clear();
        }
        self.store.due(&look, budget).await
    }

    async fn fetch_spilled(
        &self,
        lease: Lease,
        key: &str,
        after: Seq,
        upto: Seq,
        budget: Budget,
    ) -> Result<Fetched, StoreError> {
        let mut fetched = self.store.fetch_spilled(lease, key, after, upto, budget).await?;
        fetched.is_void &= self.fault != Fault::Unfenced;
        Ok(fetched)
    }

    async fn settle(&self, changes: &Changes) -> Result<Settled, StoreError> {
        let mut changes = changes.clone();
        if self.fault == Fault::Hoarding {
            changes.published.clear();
        }
        let mut settled = self.store.settle(&changes).await?;
        match self.fault {
            Fault::Polite => settled.lost.clear(),
            Fault::Careless => settled.freed.clear(),
            _ => {}
        }
        Ok(settled)
    }

    async fn changed(&self) {
        self.store.changed().await;
    }
}

struct Subject(Arc<Broken>);

impl store::Subject for Subject {
    type Store = Broken;

    fn store(&self) -> &Arc<Broken> {
        &self.0
    }

    async fn enqueue(&self, messages: Vec<Message>) {
        self.0.store.enqueue(messages);
        tokio::task::yield_now().await;
    }

    async fn dead(&self) -> Vec<MessageId> {
        tokio::task::yield_now().await;
        self.0.store.buried().iter().map(|dead| dead.envelope.id).collect()
    }
}

async fn panics(promise: impl Future<Output = ()>) -> bool {
    AssertUnwindSafe(promise).catch_unwind().await.is_err()
}

#[tokio::test]
async fn a_store_that_breaks_a_promise_is_found_out() {
    macro_rules! finds {
        ($($promise:ident: $fault:ident),+ $(,)?) => {
            $({
                let make = async || {
                    let store = MemoryStore::with_lanes(4);
                    Subject(Arc::new(Broken { store, fault: Fault::$fault }))
                };
                assert!(panics(store::$promise(make)).await, "{:?} was not found out", Fault::$fault);
            })+
        };
    }
    finds!(
        rows_come_in_order_and_within_the_budget: Greedy,
        rows_come_in_order_and_within_the_budget: Reversed,
        one_owner_at_a_time: Clinging,
        one_lost_lease_does_not_stop_the_others: Polite,
        held_rows_leave_the_fetch_and_come_back_when_they_are_due: Repeating,
        rows_of_a_key_come_between_two_places: Unfenced,
        published_rows_are_gone_and_deleting_them_again_is_harmless: Hoarding,
        a_flush_that_is_dropped_is_whole_or_was_not_made: Hoarding,
        a_lane_that_was_not_given_back_is_abandoned: Forgetful,
        a_key_goes_on_until_nothing_of_it_is_held: Careless,
    );
}

/// What it does with a message, and what it says of it.
type Does = fn(&Envelope, &mut Vec<sink::Received>) -> Result<(), SinkError>;

struct Odd {
    does: Does,
    received: Mutex<Vec<sink::Received>>,
}

impl Sink for Odd {
    async fn publish(&self, message: &Envelope, _attempt: Attempt) -> Result<(), SinkError> {
        (self.does)(message, &mut self.received.lock().unwrap())
    }
}

impl sink::Subject for Odd {
    type Sink = Self;

    fn sink(&self) -> &Self {
        self
    }

    async fn received(&self) -> Vec<sink::Received> {
        self.received.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn a_sink_that_breaks_a_promise_is_found_out() {
    let make = |does: Does| async move || Odd { does, received: Mutex::default() };
    let says_yes: Does = |_, _| Ok(());
    assert!(panics(sink::what_is_taken_has_arrived_as_it_was(make(says_yes))).await);
    assert!(panics(sink::many_at_once_arrive_once_each(make(says_yes))).await);
    let takes_text: Does = |message, received| {
        let mut text = sink::Received::from(message);
        text.payload = String::from_utf8_lossy(&message.payload).into_owned().into();
        received.push(text);
        Ok(())
    };
    assert!(panics(sink::what_is_taken_has_arrived_as_it_was(make(takes_text))).await);
    let last_first: Does = |message, received| {
        received.insert(0, sink::Received::from(message));
        Ok(())
    };
    assert!(panics(sink::messages_of_a_key_arrive_in_their_order(make(last_first))).await);
    let renames: Does = |message, received| {
        let mut other = sink::Received::from(message);
        other.id = MessageId::generate();
        received.push(other);
        Ok(())
    };
    assert!(panics(sink::a_repeat_has_the_same_id(make(renames))).await);
    let despairs: Does = |message, received| {
        message.headers().map_err(|_| SinkError::Unavailable("what is this?".into()))?;
        received.push(sink::Received::from(message));
        Ok(())
    };
    assert!(panics(sink::what_can_never_be_sent_is_said_so_and_stops_nothing(make(despairs))).await);
}
