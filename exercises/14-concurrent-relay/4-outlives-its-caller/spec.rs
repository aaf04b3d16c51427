//! The tests of exercise 14.4. Your file and the solution are tested by this one copy.

use std::sync::Arc;
use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{sleep, timeout};

use super::sut::{Broker, Event, Receipt, Relay};

const STUCK: &str = "publish_all does not return, and no task can make progress";

fn relay(journal: &Journal) -> Relay {
    Relay { broker: Broker::new([(42, 370), (7, 130), (19, 250)], journal.clone()) }
}

fn events(payload: &Arc<str>) -> Vec<Event> {
    [42, 7, 19].map(|id| Event { id, payload: Arc::clone(payload) }).into()
}

#[tokio::test(start_paused = true)]
async fn all_events_are_published_at_once() {
    let journal = Journal::new();
    let (relay, events) = (relay(&journal), events(&"order".into()));
    let receipts = timeout(HOUR, relay.publish_all(&events)).await.expect(STUCK);
    journal.log("relay", "returns the receipts");
    assert_journal!(
        journal,
        [
            (0, "event 42", "is sent"),
            (0, "event 7", "is sent"),
            (0, "event 19", "is sent"),
            (130, "event 7", "is confirmed"),
            (250, "event 19", "is confirmed"),
            (370, "event 42", "is confirmed"),
            (370, "relay", "returns the receipts"),
        ]
    );
    // The broker stored 7 first, then 19, then 42.
    let expected = [(42, 5002), (7, 5000), (19, 5001)].map(|(id, offset)| Receipt { id, offset });
    assert!(
        receipts == expected,
        "the receipts must be the broker's, in the order of the events: 42, 7, 19\n\
         expected: {expected:?}\n\
         actual:   {receipts:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_has_been_started_is_published_when_the_caller_stops_waiting() {
    let journal = Journal::new();
    let (relay, events) = (relay(&journal), events(&"order".into()));
    timeout(Duration::from_millis(190), relay.publish_all(&events))
        .await
        .expect_err("it returned before all was published");
    journal.log("caller", "stops waiting");
    drop((relay, events));
    sleep(HOUR).await;
    assert_journal!(
        journal,
        [
            (0, "event 42", "is sent"),
            (0, "event 7", "is sent"),
            (0, "event 19", "is sent"),
            (130, "event 7", "is confirmed"),
            (190, "caller", "stops waiting"),
            (250, "event 19", "is confirmed"),
            (370, "event 42", "is confirmed"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_is_left_when_the_last_task_has_ended() {
    let payload = "order".into();
    let (relay, events) = (relay(&Journal::new()), events(&payload));
    timeout(HOUR, relay.publish_all(&events)).await.expect(STUCK);
    sleep(HOUR).await;
    let broker = relay.broker.clone();
    drop((relay, events));
    let left = (broker.handles() - 1, Arc::strong_count(&payload) - 1);
    assert!(
        left == (0, 0),
        "an hour after the last task has ended, and without the relay and the events,\n\
         expected: 0 handles to the broker, 0 handles to the payload\n\
         actual:   {} handles to the broker, {} handles to the payload\n\
         What is never dropped is never freed, and a connection with a handle is never closed.",
        left.0,
        left.1
    );
}
