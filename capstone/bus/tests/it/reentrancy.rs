//! Wakers and payloads run code of others, and that code may use the bus: so no lock is held when it runs. Where one
//! was held, these tests would never end.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use bytes::Bytes;
use capstone_bus::{Bus, Message, Overflow, SubscribeError, Subscription};

use crate::support::{block, counts, message, open, topic};

/// Uses the bus whenever it is woken, and when it is dropped as a payload.
#[derive(Clone)]
struct Meddler {
    bus: Bus,
    calls: Arc<AtomicUsize>,
}

impl Meddler {
    fn new(bus: &Bus) -> Self {
        Self { bus: bus.clone(), calls: Arc::default() }
    }

    /// Locks everything that there is to lock.
    fn meddle(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.bus.stats();
        drop(self.bus.subscribe("meddler"));
    }

    fn waker(&self) -> Waker {
        Waker::from(Arc::new(self.clone()))
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// A message whose payload meddles when the last copy of it is dropped.
    fn message(&self) -> Message {
        Message::new(topic("t"), Bytes::from_owner(Payload(self.clone())))
    }
}

impl Wake for Meddler {
    fn wake(self: Arc<Self>) {
        self.meddle();
    }
}

struct Payload(Meddler);

impl AsRef<[u8]> for Payload {
    fn as_ref(&self) -> &[u8] {
        b"m"
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        self.0.meddle();
    }
}

#[track_caller]
fn park(subscription: &mut Subscription, waker: &Waker) {
    assert!(subscription.poll_recv(&mut Context::from_waker(waker)).is_pending());
}

#[test]
fn a_message_and_a_close_wake_without_a_lock() {
    let bus = Bus::new();
    let meddler = Meddler::new(&bus);
    let mut members = [1, 2].map(|_| bus.subscription("t").queue("g").open().expect("valid options"));
    for (count, event) in [(2, "message"), (4, "close")] {
        members.iter_mut().for_each(|member| park(member, &meddler.waker()));
        if event == "message" {
            let _ = bus.try_publish(message("t", "m")).expect("the bus is open");
            members[0].try_recv().expect("a message");
        } else {
            bus.close();
        }
        assert_eq!(meddler.calls(), count, "{event}");
    }
}

#[test]
fn a_member_that_leaves_its_group_takes_its_waker_along() {
    let bus = Bus::new();
    let meddler = Arc::new(Meddler::new(&bus));
    let [mut leaves, _stays] =
        [1, 2].map(|_| bus.subscription("t").queue("g").open().expect("valid options"));
    park(&mut leaves, &Waker::from(Arc::clone(&meddler)));
    assert_eq!(Arc::strong_count(&meddler), 2);
    drop(leaves);
    assert_eq!((Arc::strong_count(&meddler), meddler.calls()), (1, 0));
}

#[tokio::test]
async fn a_publisher_is_woken_without_a_lock() {
    let bus = Bus::new();
    let meddler = Meddler::new(&bus);
    let (waker, mut subscription) = (meddler.waker(), open(&bus, 1, block(1_000)));
    let mut cx = Context::from_waker(&waker);
    let _ = bus.try_publish(message("t", "a")).expect("the bus is open");
    let mut first = pin!(bus.publish(message("t", "b")));
    assert!(first.as_mut().poll(&mut cx).is_pending());
    subscription.try_recv().expect("a message");
    assert_eq!(meddler.calls(), 1, "moved into the mailbox");
    assert!(matches!(first.poll(&mut cx), Poll::Ready(Ok(_))));

    let mut second = pin!(bus.publish(message("t", "c")));
    assert!(second.as_mut().poll(&mut cx).is_pending());
    drop(subscription);
    assert_eq!(meddler.calls(), 2, "the subscription is gone");
    assert!(matches!(second.poll(&mut cx), Poll::Ready(Ok(_))));
}

#[tokio::test]
async fn payloads_are_dropped_without_a_lock() {
    let bus = Bus::new();
    let meddler = Meddler::new(&bus);
    let oldest = open(&bus, 1, Overflow::DropOldest);
    let _ = bus.try_publish(meddler.message()).expect("the bus is open");
    let _ = bus.try_publish(meddler.message()).expect("the bus is open");
    assert_eq!(meddler.calls(), 1, "evicted");
    drop(oldest);
    assert_eq!(meddler.calls(), 2, "abandoned");

    let _blocks = open(&bus, 1, block(1_000));
    let _ = bus.try_publish(message("t", "m")).expect("the bus is open");
    let _ = bus.try_publish(meddler.message()).expect("the bus is open");
    assert_eq!(meddler.calls(), 3, "no room");
    {
        let mut publish = pin!(bus.publish(meddler.message()));
        assert!(publish.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    }
    assert_eq!(meddler.calls(), 4, "cancelled");
}

/// What a closure has captured is dropped with it.
struct Captured(Meddler);

impl Drop for Captured {
    fn drop(&mut self) {
        let _ = self.0.bus.try_publish(message("t", "bye")).expect("the bus is open");
        self.0.meddle();
    }
}

#[test]
fn the_options_of_a_member_are_dropped_without_a_lock() {
    let bus = Bus::new();
    let meddler = Meddler::new(&bus);
    let join = |capacity| {
        let captured = Captured(meddler.clone());
        let key = move |_: &Message| {
            let _whole = &captured;
            Some(0)
        };
        bus.subscription("t").queue("g").capacity(capacity).keyed_by(key).open()
    };
    let founder = join(9).expect("valid options");
    let member = join(9).expect("the same options");
    assert_eq!(meddler.calls(), 1, "the founder's function is the group's, and the other is not needed");
    assert!(matches!(join(5), Err(SubscribeError::GroupDiffers { .. })));
    assert_eq!(meddler.calls(), 2, "refused");
    drop(founder);
    assert_eq!(meddler.calls(), 2);
    drop(member);
    assert_eq!(meddler.calls(), 3, "the group has ended");
}

/// Panics when it is woken.
struct Broken;

impl Wake for Broken {
    fn wake(self: Arc<Self>) {
        panic!("the waker's own");
    }
}

#[tokio::test]
async fn a_waker_that_panics_keeps_nobody_else_asleep_and_harms_no_publisher() {
    let bus = Bus::new();
    let meddler = Meddler::new(&bus);
    let wakers = [Waker::from(Arc::new(Broken)), meddler.waker()];
    let mut members = [1, 2].map(|_| bus.subscription("t").queue("g").open().expect("valid options"));
    let mut plain = [1, 2].map(|_| bus.subscribe("t").expect("a pattern"));
    members.iter_mut().zip(&wakers).for_each(|(member, waker)| park(member, waker));
    plain.iter_mut().zip(&wakers).for_each(|(subscription, waker)| park(subscription, waker));
    let receipt = bus.try_publish(message("t", "m")).expect("the bus is open");
    assert_eq!((counts(receipt), meddler.calls()), ((3, 3, 0), 2));
    drop((members, plain));

    // Publishers in front of a full mailbox are woken by its consumer, or by its end.
    let mut full = open(&bus, 2, block(1_000));
    let _ = bus.try_publish(message("t", "a")).expect("the bus is open");
    let _ = bus.try_publish(message("t", "b")).expect("the bus is open");
    let mut publishes = wakers.each_ref().map(|_| Box::pin(bus.publish(message("t", "c"))));
    for (publish, waker) in publishes.iter_mut().zip(&wakers) {
        assert!(publish.as_mut().poll(&mut Context::from_waker(waker)).is_pending());
    }
    full.try_recv().expect("a message");
    full.try_recv().expect("a message");
    assert_eq!(meddler.calls(), 3);
    for publish in publishes {
        assert_eq!(counts(publish.await.expect("the bus is open")), (1, 1, 0));
    }
    let mut publishes = wakers.each_ref().map(|_| Box::pin(bus.publish(message("t", "d"))));
    for (publish, waker) in publishes.iter_mut().zip(&wakers) {
        assert!(publish.as_mut().poll(&mut Context::from_waker(waker)).is_pending());
    }
    drop(full);
    assert_eq!(meddler.calls(), 4);
}
