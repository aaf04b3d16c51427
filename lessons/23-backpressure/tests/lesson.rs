//! What lesson 23 claims about the relay, on the paused clock: whole stories, and what the gauge has measured.

use lesson_23::broker::{Broker, Event, outbox};
use lesson_23::{overload, relay, story, wrong};
use shared::{HOUR, Journal, Pace, assert_journal};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

const STUCK: &str = "no task can make progress";

/// Ten thousand events, or fewer.
fn events(count: u32) -> impl Iterator<Item = Event> {
    outbox(count, Journal::new())
}

/// Runs the relay to its end. Returns how long it took in milliseconds.
async fn takes_ms(relay: impl Future<Output = ()>) -> u128 {
    let start = Instant::now();
    timeout(HOUR, relay).await.expect(STUCK);
    start.elapsed().as_millis()
}

#[tokio::test(start_paused = true)]
async fn wrong_of_10_000_at_once_most_time_out() {
    let broker = Broker::new(Pace::FULL);
    assert_eq!(takes_ms(wrong::unbounded(events(10_000), broker.clone())).await, 1000);
    let gauge = broker.gauge();
    assert_eq!((gauge.tasks, gauge.peak), (10_000, 10_000));
    assert_eq!((gauge.published, gauge.timed_out), (1957, 8043));
}

#[tokio::test(start_paused = true)]
async fn wrong_a_permit_acquired_inside_the_task_does_not_bound_the_tasks() {
    let (journal, broker) = (Journal::new(), Broker::new(Pace::FULL));
    let relay = wrong::acquire_inside(outbox(1000, journal.clone()), 50, broker.clone());
    assert_eq!(takes_ms(relay).await, 1048);
    let gauge = broker.gauge();
    assert_eq!((gauge.tasks, gauge.peak), (1000, 50), "only the publishes are bounded");
    assert_eq!((gauge.published, gauge.timed_out), (1000, 0));
    assert_journal!(
        journal,
        [
            (0, "relay", "reads event 250"),
            (0, "relay", "reads event 500"),
            (0, "relay", "reads event 750"),
            (0, "relay", "reads event 1000"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_permit_acquired_first_bounds_the_tasks_and_slows_the_reading_down() {
    let (journal, broker) = (Journal::new(), Broker::new(Pace::FULL));
    let relay = relay::permit_first(outbox(1000, journal.clone()), 50, broker.clone());
    assert_eq!(takes_ms(relay).await, 1048, "not a millisecond later than with the permit inside");
    let gauge = broker.gauge();
    assert_eq!((gauge.tasks, gauge.peak), (50, 50));
    assert_eq!((gauge.published, gauge.timed_out), (1000, 0));
    assert_journal!(
        journal,
        [
            (221, "relay", "reads event 250"),
            (472, "relay", "reads event 500"),
            (722, "relay", "reads event 750"),
            (972, "relay", "reads event 1000"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_permit_that_stays_behind_bounds_nothing() {
    let broker = Broker::new(Pace::FULL);
    takes_ms(wrong::permit_stays_behind(events(1000), 50, broker.clone())).await;
    let gauge = broker.gauge();
    assert_eq!((gauge.tasks, gauge.peak), (1000, 1000));
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_events_with_at_most_100_in_flight() {
    let broker = Broker::new(Pace::FULL);
    assert_eq!(takes_ms(relay::permit_first(events(10_000), 100, broker.clone())).await, 5050);
    let gauge = broker.gauge();
    assert_eq!((gauge.tasks, gauge.peak), (100, 100));
    assert_eq!((gauge.published, gauge.timed_out), (10_000, 0));
}

#[tokio::test(start_paused = true)]
async fn for_each_concurrent_takes_as_long_and_needs_no_task() {
    let broker = Broker::new(Pace::FULL);
    assert_eq!(takes_ms(relay::for_each(events(10_000), 100, &broker)).await, 5050);
    let gauge = broker.gauge();
    assert_eq!((gauge.tasks, gauge.peak), (0, 100));
    assert_eq!((gauge.published, gauge.timed_out), (10_000, 0));
}

#[tokio::test(start_paused = true)]
async fn wrong_batches_of_100_wait_for_the_slowest() {
    let broker = Broker::new(Pace::FULL);
    assert_eq!(takes_ms(wrong::batches(events(10_000), 100, &broker)).await, 8000);
    assert_eq!((broker.gauge().peak, broker.gauge().published), (100, 10_000));
}

#[tokio::test(start_paused = true)]
async fn one_after_another_takes_8_minutes() {
    let broker = Broker::new(Pace::FULL);
    assert_eq!(takes_ms(relay::for_each(events(10_000), 1, &broker)).await, 500_037);
}

#[tokio::test(start_paused = true)]
async fn more_permits_than_workers_do_not_help() {
    let broker = Broker::new(Pace::FULL);
    let took_ms = takes_ms(relay::permit_first(events(10_000), 200, broker.clone())).await;
    assert_eq!(took_ms, 5050, "the broker has 100 workers");
    assert!(broker.gauge().seconds_each() > 0.099, "each publish waits in the broker's queue instead");
}

#[tokio::test(start_paused = true)]
async fn littles_law_holds_for_each_relay() {
    let brokers = [(); 4].map(|()| Broker::new(Pace::FULL));
    let [unbounded, batched, permit_first, fifty] = brokers.clone();
    let relays = async {
        tokio::join!(
            wrong::unbounded(events(10_000), unbounded),
            wrong::batches(events(10_000), 100, &batched),
            relay::permit_first(events(10_000), 100, permit_first),
            relay::permit_first(events(10_000), 50, fifty),
        );
    };
    timeout(HOUR, relays).await.expect(STUCK);
    for (broker, expected) in brokers.iter().zip([9043.3, 62.5, 99.0, 49.76]) {
        let gauge = broker.gauge();
        let (average, law) = (gauge.on_average(), gauge.per_second() * gauge.seconds_each());
        assert!((average - law).abs() < 1e-6, "{average} were in flight on average, not {law}");
        assert!((average / expected - 1.0).abs() < 0.001, "{average} were in flight on average");
    }
}

#[tokio::test(start_paused = true)]
async fn wrong_nested_permits_hang_when_two_orders_meet() {
    let (journal, permits) = (Journal::new(), Semaphore::new(2));
    let alone = wrong::nested(3, &permits, &journal);
    timeout(HOUR, alone).await.expect("one order alone is paid");
    let both =
        async { tokio::join!(wrong::nested(7, &permits, &journal), wrong::nested(4, &permits, &journal)) };
    timeout(HOUR, both).await.expect_err("each holds a permit and waits for another");
    assert_journal!(
        journal,
        [
            (0, "order 3", "begins"),
            (0, "order 3", "is paid"),
            (0, "order 7", "begins"),
            (0, "order 4", "begins"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_reading_without_a_slot_is_dropped_and_counted() {
    let journal = Journal::new();
    timeout(HOUR, overload::drop_it(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "source", "event 1 arrives"),
            (10, "source", "event 2 arrives"),
            (20, "source", "event 3 arrives"),
            (40, "source", "event 4 arrives"),
            (70, "relay", "published event 1"),
            (90, "source", "event 5 arrives"),
            (100, "source", "event 6 arrives"),
            (130, "relay", "published event 2"),
            (150, "relay", "published event 5"),
            (150, "relay", "has dropped 3 events"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_slot_is_rejected_at_once() {
    let journal = Journal::new();
    timeout(HOUR, overload::reject(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "source", "event 1 arrives"),
            (10, "source", "event 2 arrives"),
            (20, "source", "event 3 arrives"),
            (20, "client", "is told that event 3 is rejected"),
            (40, "source", "event 4 arrives"),
            (40, "client", "is told that event 4 is rejected"),
            (70, "relay", "published event 1"),
            (90, "source", "event 5 arrives"),
            (100, "source", "event 6 arrives"),
            (100, "client", "is told that event 6 is rejected"),
            (130, "relay", "published event 2"),
            (150, "relay", "published event 5"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_parked_payment_is_published_later() {
    let journal = Journal::new();
    timeout(HOUR, overload::park(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "source", "event 1 arrives"),
            (10, "source", "event 2 arrives"),
            (20, "source", "event 3 arrives"),
            (40, "source", "event 4 arrives"),
            (70, "relay", "published event 1"),
            (90, "source", "event 5 arrives"),
            (100, "source", "event 6 arrives"),
            (100, "relay", "published event 3"),
            (130, "relay", "published event 2"),
            (150, "relay", "published event 4"),
            (170, "relay", "published event 6"),
            (190, "relay", "published event 5"),
        ]
    );
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}
