//! What is kept in memory, counted by payloads that say when they are freed.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;

use bytes::Bytes;
use capstone_bus::{Bus, Overflow, Publisher, Subscription};
use futures::FutureExt;

use crate::support::{open, topic};

/// The most messages that are freed together.
const BUNCH: usize = 64;

/// How many payloads there are.
#[derive(Clone, Default)]
struct Alive(Arc<AtomicUsize>);

struct Payload(Alive);

impl Alive {
    fn one_more(&self) -> Bytes {
        self.0.fetch_add(1, SeqCst);
        Bytes::from_owner(Payload(self.clone()))
    }

    fn count(&self) -> usize {
        self.0.load(SeqCst)
    }
}

impl AsRef<[u8]> for Payload {
    fn as_ref(&self) -> &[u8] {
        b"payload"
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, SeqCst);
    }
}

fn publish(publisher: &mut Publisher, alive: &Alive, messages: usize) {
    for _ in 0..messages {
        let _ = publisher.try_publish(alive.one_more()).expect("the bus is open");
    }
}

fn drain(subscription: &mut Subscription) -> usize {
    std::iter::from_fn(|| subscription.try_recv().ok()).count()
}

fn publisher(bus: &Bus) -> (Publisher, Alive) {
    (bus.publisher(topic("t")), Alive::default())
}

#[test]
fn who_never_comes_keeps_its_capacity_and_a_bunch() {
    let bus = Bus::new();
    let _never_comes = open(&bus, 100, Overflow::DropOldest);
    let mut comes = open(&bus, 1_000, Overflow::DropNewest);
    let (mut publisher, alive) = publisher(&bus);
    for _ in 0..1_000 {
        publish(&mut publisher, &alive, 50);
        assert_eq!(drain(&mut comes), 50);
        // The last chunk may be half full, and another one half evicted.
        assert!(alive.count() <= 100 + 2 * BUNCH, "{} are kept", alive.count());
    }
}

#[test]
fn what_everybody_has_received_is_freed_but_for_a_bunch() {
    let bus = Bus::new();
    let [mut one, mut other] = [(); 2].map(|()| open(&bus, 1_000, Overflow::DropNewest));
    let (mut publisher, alive) = publisher(&bus);
    publish(&mut publisher, &alive, 1_000);
    assert_eq!((drain(&mut one), drain(&mut other)), (1_000, 1_000));
    assert!(alive.count() < BUNCH, "{} are kept", alive.count());
    drop(publisher);
    assert_eq!((drain(&mut one), drain(&mut other), alive.count()), (0, 0, 0), "nobody publishes any more");
}

#[test]
fn of_one_mailbox_everything_is_freed_that_was_received() {
    let bus = Bus::new();
    let mut only = open(&bus, 1_000, Overflow::DropNewest);
    let (mut publisher, alive) = publisher(&bus);
    publish(&mut publisher, &alive, 1_000);
    let kept = only.try_recv().expect("a message");
    assert_eq!(drain(&mut only), 999);
    assert!(alive.count() <= BUNCH, "who keeps one delivery keeps {}", alive.count());
    let message = kept.into_message();
    assert_eq!(alive.count(), 1);
    drop(message);
    assert_eq!(alive.count(), 0);
}

/// Once all consumers have come to rest, each message lies alone.
#[tokio::test]
async fn a_trickle_keeps_nothing() {
    let bus = Bus::new();
    let [mut one, mut other] = [(); 2].map(|()| open(&bus, 1_000, Overflow::DropNewest));
    let (mut publisher, alive) = publisher(&bus);
    publish(&mut publisher, &alive, 100);
    drain(&mut one);
    drain(&mut other);
    for round in 0..10 {
        assert!(one.recv().now_or_never().is_none() && other.recv().now_or_never().is_none(), "at rest");
        publish(&mut publisher, &alive, 1);
        assert_eq!((drain(&mut one), drain(&mut other)), (1, 1));
        assert!(round == 0 || alive.count() == 0, "{} are kept in round {round}", alive.count());
    }
}

#[test]
fn who_is_dropped_while_it_follows_lets_go_of_everything() {
    let bus = Bus::new();
    let subscriptions = [(); 3].map(|()| open(&bus, 1_000, Overflow::DropNewest));
    let (mut publisher, alive) = publisher(&bus);
    publish(&mut publisher, &alive, 500);
    drop(subscriptions);
    publish(&mut publisher, &alive, 1);
    assert_eq!(alive.count(), 0);
    assert_eq!(bus.stats().abandoned, 1_500);
}
