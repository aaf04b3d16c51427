//! One actor for each customer: two events of one customer are handled one after another, those of two at the same time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::Journal;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

use crate::bus::{Event, EventBus, Handler};
use crate::report::Handled;

/// How long it takes to write the points down.
pub const WRITING_TAKES: Duration = Duration::from_millis(100);

/// A customer has earned points.
pub struct PointsEarned {
    pub customer: u32,
    pub points: u32,
}

impl Event for PointsEarned {}

/// An event, and the sender that tells its emission that it has been handled.
type Envelope = (Arc<PointsEarned>, oneshot::Sender<()>);

/// A handler that gives each event to the actor of its customer, and waits for it. The number of customers must be bounded.
// ANCHOR: per-customer
pub fn per_customer(journal: Journal) -> impl Handler<PointsEarned, Handled> {
    let mailboxes: Arc<Mutex<HashMap<u32, mpsc::Sender<Envelope>>>> = Arc::default();
    move |earned: Arc<PointsEarned>| {
        let (mailboxes, journal) = (Arc::clone(&mailboxes), journal.clone());
        async move {
            let mailbox = {
                let mut mailboxes = mailboxes.lock().expect("nothing panics under this lock");
                mailboxes.entry(earned.customer).or_insert_with(|| spawn(earned.customer, journal)).clone()
            };
            let (answer, answered) = oneshot::channel();
            mailbox.send((earned, answer)).await?;
            Ok(answered.await?)
        }
    }
}
// ANCHOR_END: per-customer

/// It ends when the handler is dropped, and with it the senders.
fn spawn(customer: u32, journal: Journal) -> mpsc::Sender<Envelope> {
    let (sender, mut mailbox) = mpsc::channel::<Envelope>(8);
    tokio::spawn(async move {
        let mut points = 0;
        while let Some((earned, answer)) = mailbox.recv().await {
            sleep(WRITING_TAKES).await;
            points += earned.points; // only this task has `points`
            journal.log(format_args!("customer {customer}"), format_args!("has {points} points"));
            answer.send(()).ok();
        }
    });
    sender
}

/// Three events at once, two of them of customer 7.
pub async fn actors(journal: Journal) {
    let bus = EventBus::new();
    bus.on_fallible::<PointsEarned>("points", per_customer(journal));
    bus.emit_batch_concurrent(three_events(), 3).await;
}

/// Customer 7 earns 40 and 25 points, customer 8 earns 30.
pub fn three_events() -> Vec<PointsEarned> {
    [(7, 40), (8, 30), (7, 25)].map(|(customer, points)| PointsEarned { customer, points }).into()
}
