//! The same ideas gone wrong. `tests/lesson.rs` proves what each one does: a wrong answer, a wait for nothing, a leak, a jam.

use std::time::Duration;

use shared::Journal;
use tokio::time::{sleep, timeout};

use crate::bus::{Bus, Message, Subscription};
use crate::dead_letter::{BACKOFF, ship};
use crate::prices::{ARTICLES, Answer, NEXT_CUSTOMER, PATIENCE, PRICES, service};
use crate::request::RequestError;

/// Takes a late answer for the answer to the next request: all of them come to one inbox, and none says what it answers.
// ANCHOR: shared-inbox
pub async fn shared_inbox(bus: Bus, journal: Journal) {
    let mut inbox = bus.subscribe("$INBOX.till"); // one for all requests
    for article in ARTICLES {
        journal.log("till", format_args!("asks for the {article}"));
        let reply_to = Some("$INBOX.till".to_owned());
        bus.publish(Message { reply_to, ..Message::new(PRICES, article) });
        match timeout(PATIENCE, inbox.recv()).await {
            Ok(answer) => journal.log("till", format_args!("the {article} costs {}", answer.payload)),
            Err(_elapsed) => journal.log("till", format_args!("the {article}: no answer in time")),
        }
        sleep(NEXT_CUSTOMER).await;
    }
}
// ANCHOR_END: shared-inbox

/// Waits until its time is up, even if no subscriber has the request.
// ANCHOR: waits-for-nobody
pub async fn waits_for_nobody(bus: &Bus, topic: &str, payload: &str, limit: Duration) -> Answer {
    let mut inbox = bus.inbox(1);
    let reply_to = Some(inbox.topic().to_owned());
    bus.publish(Message { reply_to, ..Message::new(topic, payload) }); // taken by how many?
    timeout(limit, inbox.recv()).await.map_err(|_elapsed| RequestError::Timeout)
}
// ANCHOR_END: waits-for-nobody

/// Subscribes when its task runs for the first time. A request before that finds no responder.
// ANCHOR: subscribes-in-its-task
pub fn subscribes_in_its_task(journal: &Journal) -> Bus {
    let bus = Bus::default();
    let (on, journal) = (bus.clone(), journal.clone());
    tokio::spawn(async move { service(on.clone(), on.subscribe(PRICES), journal).await });
    bus
}
// ANCHOR_END: subscribes-in-its-task

/// Leaks: its inbox stays on the bus if this future is dropped while it waits.
// ANCHOR: left-behind
pub async fn left_behind(bus: &Bus, topic: &str, payload: &str, limit: Duration) -> Answer {
    let reply_to = bus.inbox_topic();
    let (number, mut inbox) = bus.add(&reply_to, 1, |_| true); // stays until `remove`
    let request = Message { reply_to: Some(reply_to.clone()), ..Message::new(topic, payload) };
    let answer = match bus.publish(request) {
        0 => Err(RequestError::NoResponders),
        _ => timeout(limit, inbox.recv()).await.map_err(|_elapsed| RequestError::Timeout),
    };
    bus.remove(&reply_to, number); // not reached if the caller gives up
    answer.map(|received| received.expect("the bus has the sender"))
}
// ANCHOR_END: left-behind

/// Jams: an order that can never be shipped is tried again and again, and the orders behind it wait.
// ANCHOR: retries-forever
pub async fn retries_forever(mut orders: Subscription, journal: Journal) {
    loop {
        let order = orders.recv().await;
        while ship(&order, &journal).await.is_err() {
            sleep(BACKOFF).await;
        }
    }
}
// ANCHOR_END: retries-forever
