//! The bus of lesson 30 and those beside it, each as a line of publishers and one receiver, which get the same pace.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use async_nats::{Client, Subscriber};
use bytes::Bytes;
use futures::StreamExt;
use lesson_30::bus::{Bus, Subscription, bus};
use lesson_30::direct::DirectBus;
use lesson_30::message::{Delivery, Message};
use lesson_30::wanted::Wanted;
use tokio::sync::{broadcast, mpsc};
use tokio::task::{consume_budget, yield_now};

use crate::peers::{self, Line, PAYLOAD, Publish, Receive};
use crate::server::Server;
use crate::wire::client;

pub const CAPACITY: usize = 1_024;
/// How often publishers and receiver look at each other.
const STEP: u64 = 64;

/// What is sent in all cases but the capstone's, whose message has a payload of 31 bytes.
fn message() -> Message {
    Message::new("orders.created", 7)
}

fn wanted() -> Wanted {
    Wanted::to("orders.*").expect("a pattern").slots(CAPACITY)
}

/// Together, publishers are at most a mailbox ahead of the receiver: nobody drops anything.
#[derive(Default)]
pub struct Pace {
    sent: AtomicU64,
    received: AtomicU64,
}

pub struct Paced<P> {
    inner: P,
    pace: Arc<Pace>,
    sent: u64,
}

pub struct Counted<R> {
    inner: R,
    pace: Arc<Pace>,
    received: u64,
}

pub fn paced<P, R>(publishers: Vec<P>, receiver: R) -> Line<Paced<P>, Counted<R>> {
    let pace = Arc::<Pace>::default();
    let paced = |inner| Paced { inner, pace: Arc::clone(&pace), sent: 0 };
    Line {
        publishers: publishers.into_iter().map(paced).collect(),
        receivers: vec![Counted { inner: receiver, pace: Arc::clone(&pace), received: 0 }],
    }
}

impl<P: Publish> Publish for Paced<P> {
    async fn publish(&mut self) {
        if self.sent.is_multiple_of(STEP) {
            let mine = self.pace.sent.fetch_add(STEP, Relaxed) + STEP;
            while mine > self.pace.received.load(Acquire) + CAPACITY as u64 {
                yield_now().await;
            }
        }
        self.sent += 1;
        self.inner.publish().await;
    }
}

impl<R: Receive> Receive for Counted<R> {
    async fn receive(&mut self) -> usize {
        let received = self.inner.receive().await;
        self.received += received as u64;
        if self.received.is_multiple_of(STEP) {
            self.pace.received.store(self.received, Release);
        }
        received
    }
}

/// Publishes, and lets the receipt go.
pub struct Queueing(Bus);

impl Publish for Queueing {
    async fn publish(&mut self) {
        drop(self.0.publish(message()).await.expect("the bus runs"));
    }
}

/// Awaits each receipt before the next message.
pub struct Confirming(Bus);

impl Publish for Confirming {
    async fn publish(&mut self) {
        let queued = self.0.publish(message()).await.expect("the bus runs");
        let receipt = queued.receipt().await.expect("the bus runs");
        assert_eq!(receipt.delivered, 1);
    }
}

impl Receive for Subscription {
    async fn receive(&mut self) -> usize {
        usize::from(self.recv().await.is_some())
    }
}

async fn actor_of<P>(publishers: usize, publisher: fn(Bus) -> P) -> Line<Paced<P>, Counted<Subscription>> {
    let (bus, actor) = bus(CAPACITY);
    tokio::spawn(actor.run());
    let subscription = bus.subscribe(wanted()).await.expect("the bus runs");
    paced((0..publishers).map(|_| publisher(bus.clone())).collect(), subscription)
}

pub async fn actor(publishers: usize) -> Line<Paced<Queueing>, Counted<Subscription>> {
    actor_of(publishers, Queueing).await
}

pub async fn actor_with_receipts(publishers: usize) -> Line<Paced<Confirming>, Counted<Subscription>> {
    actor_of(publishers, Confirming).await
}

impl Publish for DirectBus {
    /// It waits for nothing, so it has to let others run.
    async fn publish(&mut self) {
        assert_eq!(DirectBus::publish(self, message()).delivered, 1);
        consume_budget().await;
    }
}

impl Receive for mpsc::Receiver<Delivery> {
    async fn receive(&mut self) -> usize {
        usize::from(self.recv().await.is_some())
    }
}

pub async fn direct(publishers: usize) -> Line<Paced<DirectBus>, Counted<mpsc::Receiver<Delivery>>> {
    let bus = DirectBus::default();
    let deliveries = bus.subscribe(wanted());
    paced((0..publishers).map(|_| bus.clone()).collect(), deliveries)
}

type Shared = Arc<Message>;

impl Publish for broadcast::Sender<Shared> {
    async fn publish(&mut self) {
        self.send(Arc::new(message())).expect("somebody receives");
        consume_budget().await;
    }
}

/// Its errors are losses, and the end of the line says so.
pub struct Broadcast(broadcast::Receiver<Shared>);

impl Receive for Broadcast {
    async fn receive(&mut self) -> usize {
        usize::from(self.0.recv().await.is_ok())
    }
}

pub async fn broadcast(publishers: usize) -> Line<Paced<broadcast::Sender<Shared>>, Counted<Broadcast>> {
    let (sender, receiver) = broadcast::channel(CAPACITY);
    paced((0..publishers).map(|_| sender.clone()).collect(), Broadcast(receiver))
}

pub async fn capstone(
    publishers: usize,
) -> Line<Paced<capstone_bus::Publisher>, Counted<capstone_bus::Subscription>> {
    let Line { publishers, mut receivers } = peers::bus(publishers, 1);
    paced(publishers, receivers.remove(0))
}

/// A client that publishes, and another that subscribes.
pub async fn over_tcp(server: &Server) -> Line<Client, Subscriber> {
    let (publishing, receiving) = (client::connect(server).await, client::connect(server).await);
    let subscription = client::subscribe(&receiving, "bench.lesson").await;
    // The client lives as long as its subscriptions.
    Line { publishers: vec![publishing], receivers: vec![subscription] }
}

impl Publish for Client {
    async fn publish(&mut self) {
        let payload: Bytes = PAYLOAD;
        Client::publish(self, "bench.lesson", payload).await.expect("a connection");
        self.flush().await.expect("a connection");
    }
}

impl Receive for Subscriber {
    async fn receive(&mut self) -> usize {
        usize::from(self.next().await.is_some())
    }
}
