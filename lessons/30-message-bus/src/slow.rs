//! One slow subscriber among others, on any bus of this lesson: `mail` takes 120 ms for a message and has one slot.

use std::time::Duration;

use shared::Journal;
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::bus::{Bus, bus};
use crate::message::{Delivery, Message};
use crate::wanted::Wanted;

/// How long `mail` works on a message.
pub const MAIL_TAKES: Duration = Duration::from_millis(120);

/// A bus, as far as this scene needs it.
pub trait Carries: Clone + Send + 'static {
    fn publish(&self, message: Message) -> impl Future<Output = ()> + Send;

    fn subscribe(&self, wanted: Wanted) -> impl Future<Output = mpsc::Receiver<Delivery>> + Send;
}

impl Carries for Bus {
    async fn publish(&self, message: Message) {
        let queued = Bus::publish(self, message).await.expect("the bus runs");
        queued.receipt().await.expect("the bus runs");
    }

    async fn subscribe(&self, wanted: Wanted) -> mpsc::Receiver<Delivery> {
        Bus::subscribe(self, wanted).await.expect("the bus runs").into_deliveries()
    }
}

/// On the bus of this lesson.
pub async fn one_drops_out(journal: Journal) {
    let (bus, actor) = bus(8);
    let running = tokio::spawn(actor.run());
    play(bus, journal).await;
    running.await.expect("the bus does not panic");
}

/// Returns when everything is published, and what could be received has been.
pub async fn play(bus: impl Carries, journal: Journal) {
    let slow = bus.subscribe(wanted("orders.*").slots(1)).await;
    let fast = bus.subscribe(wanted("orders.*")).await;
    let ledger = bus.subscribe(wanted("payments.*")).await;
    let receiving = [
        tokio::spawn(receive("mail", slow, MAIL_TAKES, journal.clone())),
        tokio::spawn(receive("billing", fast, Duration::ZERO, journal.clone())),
        tokio::spawn(receive("ledger", ledger, Duration::ZERO, journal.clone())),
    ];
    let at = Duration::from_millis;
    let shop = publish("shop", "orders.created", [at(0), at(10), at(10), at(130)], bus.clone(), &journal);
    let till = publish("till", "payments.received", [at(15), at(30)], bus.clone(), &journal);
    let audit = subscribe_late(bus, &journal);
    tokio::join!(shop, till, audit);
    for subscriber in receiving {
        subscriber.await.expect("a subscriber does not panic");
    }
}

async fn publish<const N: usize>(
    who: &str,
    topic: &'static str,
    pauses: [Duration; N],
    bus: impl Carries,
    journal: &Journal,
) {
    for (order, pause) in (1..).zip(pauses) {
        sleep(pause).await;
        bus.publish(Message::new(topic, order)).await;
        journal.log(who, format_args!("has published {topic} {order}"));
    }
}

async fn subscribe_late(bus: impl Carries, journal: &Journal) {
    sleep(Duration::from_millis(35)).await;
    journal.log("audit", "asks for a subscription");
    let deliveries = bus.subscribe(wanted(">")).await;
    journal.log("audit", "has its subscription");
    drop(deliveries); // what it receives is another story
}

async fn receive(
    who: &'static str,
    mut deliveries: mpsc::Receiver<Delivery>,
    takes: Duration,
    journal: Journal,
) {
    while let Some(Delivery { message, missed }) = deliveries.recv().await {
        let gap = if missed > 0 { format!(", and has missed {missed}") } else { String::new() };
        journal.log(who, format_args!("gets {} {}{gap}", message.topic, message.order));
        sleep(takes).await;
    }
}

fn wanted(pattern: &str) -> Wanted {
    Wanted::to(pattern).expect("a pattern")
}
