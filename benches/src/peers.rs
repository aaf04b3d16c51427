//! The bus and its peers, each behind the same two traits, so that the same rounds drive them all.

use std::hint::black_box;
use std::iter::repeat_n;
use std::sync::Arc;

use bytes::Bytes;
use capstone_bus::{Bus, Delivery, Message, Overflow, Publisher, Subscription, SubscriptionBuilder, Topic};
use futures::StreamExt;
use tokio::sync::{broadcast, mpsc};
use tokio::task::{consume_budget, yield_now};

pub const PAYLOAD: Bytes = Bytes::from_static(b"a payload of some thirty bytes.");
const CAPACITY: usize = 1_024;
const BATCH: usize = 64;
const PATTERN: &str = "orders.*.created";

/// One end of a line: its drop says that no more will come from there.
pub trait Publish: Send + 'static {
    /// How many messages one call sends.
    const BATCH: usize = 1;

    fn publish(&mut self) -> impl Future<Output = ()> + Send;
}

/// The other end.
pub trait Receive: Send + 'static {
    /// Awaits messages and says how many came: none when there will be no more.
    fn receive(&mut self) -> impl Future<Output = usize> + Send;
}

/// Every receiver gets what every publisher sends.
pub struct Line<P, R> {
    pub publishers: Vec<P>,
    pub receivers: Vec<R>,
}

pub fn topic() -> Topic {
    Topic::new("orders.eu.created").expect("a topic")
}

pub fn bus(publishers: usize, receivers: usize) -> Line<Publisher, Subscription> {
    line_of(&Bus::builder().capacity(CAPACITY).build(), publishers, receivers)
}

fn line_of(bus: &Bus, publishers: usize, receivers: usize) -> Line<Publisher, Subscription> {
    let subscribe = |_| bus.subscribe(PATTERN).expect("a pattern");
    Line {
        publishers: (0..publishers).map(|_| bus.publisher(topic())).collect(),
        receivers: (0..receivers).map(subscribe).collect(),
    }
}

impl Publish for Publisher {
    async fn publish(&mut self) {
        let _ = Publisher::publish(self, PAYLOAD).await.expect("the bus is open");
    }
}

impl Receive for Subscription {
    async fn receive(&mut self) -> usize {
        usize::from(self.recv().await.is_some())
    }
}

/// The bus, received from as a `Stream`.
pub fn bus_as_streams(receivers: usize) -> Line<Publisher, Streamed> {
    let Line { publishers, receivers } = bus(1, receivers);
    Line { publishers, receivers: receivers.into_iter().map(Streamed).collect() }
}

pub struct Streamed(Subscription);

impl Receive for Streamed {
    async fn receive(&mut self) -> usize {
        usize::from(self.0.next().await.is_some())
    }
}

/// Eight subscriptions, each with the options that this gives it.
fn bus_of(options: impl Fn(&Bus, usize) -> SubscriptionBuilder) -> Line<Publisher, Subscription> {
    let bus = Bus::builder().capacity(CAPACITY).build();
    let receivers = (0..8).map(|at| options(&bus, at).open().expect("options")).collect();
    Line { publishers: vec![bus.publisher(topic())], receivers }
}

pub fn bus_of_two_patterns() -> Line<Publisher, Subscription> {
    bus_of(|bus, at| bus.subscription(if at % 2 == 0 { PATTERN } else { "orders.>" }))
}

pub fn bus_with_filters() -> Line<Publisher, Subscription> {
    bus_of(|bus, _| bus.subscription(PATTERN).filter(|message| !message.payload.is_empty()))
}

pub fn bus_with_a_group() -> Line<Publisher, Subscription> {
    bus_of(|bus, at| {
        let plain = bus.subscription(PATTERN);
        if at == 0 { plain.queue("group") } else { plain }
    })
}

pub fn bus_with_keys() -> Line<Publisher, Subscription> {
    bus_of(|bus, at| {
        let plain = bus.subscription(PATTERN);
        let key = |message: &Message| Some(message.payload.len());
        if at == 0 { plain.queue("group").keyed_by(key) } else { plain }
    })
}

pub fn bus_that_evicts() -> Line<Publisher, Subscription> {
    bus_of(|bus, _| bus.subscription(PATTERN).capacity(1 << 22).overflow(Overflow::DropOldest))
}

/// Receivers that have something to do with each message.
pub fn busy<P, R: Receive>(line: Line<P, R>) -> Line<P, Busy<R>> {
    Line { publishers: line.publishers, receivers: line.receivers.into_iter().map(Busy).collect() }
}

pub struct Busy<R>(R);

impl<R: Receive> Receive for Busy<R> {
    async fn receive(&mut self) -> usize {
        let received = self.0.receive().await;
        (0..64 * received as u64).fold(black_box(0), |sum: u64, more| black_box(sum.wrapping_mul(31) ^ more));
        received
    }
}

/// The bus with one more subscription, which never receives and drops its oldest.
pub fn bus_beside_stalled(receivers: usize) -> Line<BesideStalled, Subscription> {
    let bus = Bus::builder().capacity(CAPACITY).build();
    let stalled = bus.subscription(PATTERN).overflow(Overflow::DropOldest).open().expect("options");
    let Line { mut publishers, receivers } = line_of(&bus, 1, receivers);
    let publisher = publishers.remove(0);
    Line { publishers: vec![BesideStalled { publisher, _stalled: stalled }], receivers }
}

pub struct BesideStalled {
    publisher: Publisher,
    _stalled: Subscription,
}

impl Publish for BesideStalled {
    fn publish(&mut self) -> impl Future<Output = ()> + Send {
        Publish::publish(&mut self.publisher)
    }
}

/// The bus, published to by the batch; `receive` says how it is received from.
pub fn bus_in_batches<R>(receivers: usize, receive: fn(Subscription) -> R) -> Line<BatchPublisher, R> {
    let line = bus(1, receivers);
    Line {
        publishers: line.publishers.into_iter().map(BatchPublisher).collect(),
        receivers: line.receivers.into_iter().map(receive).collect(),
    }
}

pub struct BatchPublisher(Publisher);

impl Publish for BatchPublisher {
    const BATCH: usize = BATCH;

    async fn publish(&mut self) {
        let _ = self.0.publish_batch(repeat_n(PAYLOAD, BATCH)).await.expect("the bus is open");
    }
}

/// Receives what was published together, and looks at each message.
pub struct Together(pub Subscription);

impl Receive for Together {
    async fn receive(&mut self) -> usize {
        let Some(deliveries) = self.0.recv_batch().await else { return 0 };
        deliveries.iter().filter(|message| black_box(!message.payload.is_empty())).count()
    }
}

/// Receives messages of their own, many at a time.
pub struct Many(Subscription, Vec<Delivery>);

impl Many {
    pub fn new(subscription: Subscription) -> Self {
        Self(subscription, Vec::with_capacity(BATCH))
    }
}

impl Receive for Many {
    async fn receive(&mut self) -> usize {
        let Self(subscription, buffer) = self;
        let received = subscription.recv_many(buffer, BATCH).await;
        buffer.clear();
        received
    }
}

/// A peer's sender; it makes the same message that the bus makes.
pub struct To<S> {
    sender: S,
    topic: Topic,
    sent: usize,
}

impl<S: Clone> To<S> {
    /// The sender itself is not kept: its receivers would wait for it.
    fn each(sender: S, publishers: usize) -> Vec<Self> {
        repeat_n(sender, publishers).map(|sender| Self { sender, topic: topic(), sent: 0 }).collect()
    }

    fn message(&self) -> Message {
        Message::new(self.topic.clone(), PAYLOAD)
    }
}

pub fn mpsc(publishers: usize) -> Line<To<mpsc::Sender<Message>>, mpsc::Receiver<Message>> {
    let (sender, receiver) = mpsc::channel(CAPACITY);
    Line { publishers: To::each(sender, publishers), receivers: vec![receiver] }
}

impl Publish for To<mpsc::Sender<Message>> {
    async fn publish(&mut self) {
        self.sender.send(self.message()).await.expect("somebody receives");
    }
}

impl Receive for mpsc::Receiver<Message> {
    async fn receive(&mut self) -> usize {
        usize::from(self.recv().await.is_some())
    }
}

pub fn flume(publishers: usize) -> Line<To<flume::Sender<Message>>, flume::Receiver<Message>> {
    let (sender, receiver) = flume::bounded(CAPACITY);
    Line { publishers: To::each(sender, publishers), receivers: vec![receiver] }
}

impl Publish for To<flume::Sender<Message>> {
    async fn publish(&mut self) {
        self.sender.send_async(self.message()).await.expect("somebody receives");
        consume_budget().await;
    }
}

impl Receive for flume::Receiver<Message> {
    async fn receive(&mut self) -> usize {
        let received = self.recv_async().await.is_ok();
        consume_budget().await;
        usize::from(received)
    }
}

pub fn kanal(publishers: usize) -> Line<To<kanal::AsyncSender<Message>>, kanal::AsyncReceiver<Message>> {
    let (sender, receiver) = kanal::bounded_async(CAPACITY);
    Line { publishers: To::each(sender, publishers), receivers: vec![receiver] }
}

impl Publish for To<kanal::AsyncSender<Message>> {
    async fn publish(&mut self) {
        self.sender.send(self.message()).await.expect("somebody receives");
        consume_budget().await;
    }
}

impl Receive for kanal::AsyncReceiver<Message> {
    async fn receive(&mut self) -> usize {
        let received = self.recv().await.is_ok();
        consume_budget().await;
        usize::from(received)
    }
}

pub fn crossfire(publishers: usize) -> Line<To<CrossfireSender>, CrossfireReceiver> {
    let (sender, receiver) = crossfire::mpsc::bounded_async(CAPACITY);
    Line { publishers: To::each(sender, publishers), receivers: vec![receiver] }
}

type CrossfireSender = crossfire::MAsyncTx<Message>;
type CrossfireReceiver = crossfire::AsyncRx<Message>;

impl Publish for To<CrossfireSender> {
    async fn publish(&mut self) {
        self.sender.send(self.message()).await.expect("somebody receives");
        consume_budget().await;
    }
}

impl Receive for CrossfireReceiver {
    async fn receive(&mut self) -> usize {
        let received = self.recv().await.is_ok();
        consume_budget().await;
        usize::from(received)
    }
}

type Shared = Arc<Message>;

pub fn broadcast(receivers: usize) -> Line<To<broadcast::Sender<Shared>>, broadcast::Receiver<Shared>> {
    let (sender, _) = broadcast::channel(CAPACITY);
    let receivers = (0..receivers).map(|_| sender.subscribe()).collect();
    Line { publishers: To::each(sender, 1), receivers }
}

impl Publish for To<broadcast::Sender<Shared>> {
    /// It would overwrite what the slowest has not got, so it looks now and then, and lets it catch up.
    async fn publish(&mut self) {
        while self.sent.is_multiple_of(CAPACITY / 2) && self.sender.len() > CAPACITY / 2 {
            yield_now().await;
        }
        self.sent += 1;
        self.sender.send(Arc::new(self.message())).expect("somebody receives");
        consume_budget().await;
    }
}

impl Receive for broadcast::Receiver<Shared> {
    async fn receive(&mut self) -> usize {
        usize::from(self.recv().await.is_ok())
    }
}

pub fn async_broadcast(
    receivers: usize,
) -> Line<To<async_broadcast::Sender<Shared>>, async_broadcast::Receiver<Shared>> {
    let (sender, receiver) = async_broadcast::broadcast(CAPACITY);
    Line { publishers: To::each(sender, 1), receivers: repeat_n(receiver, receivers).collect() }
}

impl Publish for To<async_broadcast::Sender<Shared>> {
    async fn publish(&mut self) {
        self.sender.broadcast_direct(Arc::new(self.message())).await.expect("somebody receives");
        consume_budget().await;
    }
}

impl Receive for async_broadcast::Receiver<Shared> {
    async fn receive(&mut self) -> usize {
        usize::from(self.recv_direct().await.is_ok())
    }
}
