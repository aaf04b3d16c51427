//! Every claim of lesson 11 is a test here: whole scenes with exact milliseconds, on the paused clock.

use std::sync::Arc;
use std::time::Duration;

use lesson_11::{capacity, order, producers, relay, sending, story, wrong};
use shared::{HOUR, Journal, Pace, assert_journal};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::{SendTimeoutError, TrySendError};
use tokio::time::{Instant, sleep, sleep_until, timeout};

const STUCK: &str = "no task can make progress";

#[tokio::test(start_paused = true)]
async fn the_channel_ends_when_the_last_sender_is_dropped() {
    let journal = Journal::new();
    timeout(HOUR, producers::two_producers(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "producer 1", "sent \"upload completed\""),
            (0, "producer 2", "waits for a payment"),
            (0, "consumer", "received \"upload completed\""),
            (500, "producer 2", "sent \"payment processed\""),
            (500, "producer 2", "dropped its sender"),
            (500, "consumer", "received \"payment processed\""),
            (1000, "producer 1", "sent \"file synced to bucket\""),
            (1000, "producer 1", "dropped its sender"),
            (1000, "consumer", "received \"file synced to bucket\""),
            (1000, "consumer", "recv() returned None: no sender left"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_kept_sender_keeps_the_consumer_waiting_forever() {
    let journal = Journal::new();
    let ended = timeout(HOUR, wrong::kept_sender(journal.clone())).await;
    assert!(ended.is_err(), "an hour later it is still waiting");
    assert_journal!(
        journal,
        [
            (0, "main", "waits for the tasks while holding a sender"),
            (0, "producer 1", "sent \"upload completed\""),
            (0, "producer 2", "waits for a payment"),
            (0, "consumer", "received \"upload completed\""),
            (500, "producer 2", "sent \"payment processed\""),
            (500, "producer 2", "dropped its sender"),
            (500, "consumer", "received \"payment processed\""),
            (1000, "producer 1", "sent \"file synced to bucket\""),
            (1000, "producer 1", "dropped its sender"),
            (1000, "consumer", "received \"file synced to bucket\""),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn queued_events_are_received_after_the_last_sender_is_gone() {
    let (tx, mut rx) = mpsc::channel(3);
    tx.send("event 1").await.unwrap();
    tx.send("event 2").await.unwrap();
    drop(tx);
    assert_eq!(rx.recv().await, Some("event 1"));
    assert_eq!(rx.recv().await, Some("event 2"));
    assert_eq!(rx.recv().await, None);
}

#[tokio::test(start_paused = true)]
async fn the_fourth_send_waits_until_the_consumer_takes_one() {
    let journal = Journal::new();
    timeout(HOUR, capacity::fourth_send(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "producer", "sent event 1; free slots: 2"),
            (0, "producer", "sent event 2; free slots: 1"),
            (0, "producer", "sent event 3; free slots: 0"),
            (100, "consumer", "took event 1"),
            (100, "producer", "sent event 4; free slots: 0"),
            (200, "consumer", "took event 2"),
            (300, "consumer", "took event 3"),
            (400, "consumer", "took event 4"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_send_without_a_receiver_gives_the_event_back() {
    assert_eq!(sending::send_to_nobody("payment processed".to_owned()).await, "payment processed");
}

#[tokio::test(start_paused = true)]
async fn a_waiting_send_fails_when_the_receiver_is_dropped() {
    let (tx, rx) = mpsc::channel(1);
    tx.send("event 1").await.unwrap();
    let waiting = tokio::spawn(async move { tx.send("event 2").await });
    sleep(Duration::from_millis(1)).await;
    assert!(!waiting.is_finished(), "the channel is full");
    drop(rx);
    assert_eq!(timeout(HOUR, waiting).await.expect(STUCK).unwrap().unwrap_err().0, "event 2");
}

#[tokio::test(start_paused = true)]
async fn wrong_a_send_that_is_not_awaited_sends_nothing() {
    let (tx, mut rx) = mpsc::channel(3);
    drop(tx.send("event 1"));
    drop(tx);
    assert_eq!(rx.recv().await, None);
}

#[tokio::test(start_paused = true)]
async fn wrong_a_completed_send_is_queued_but_not_yet_received() {
    let journal = Journal::new();
    timeout(HOUR, wrong::marked_when_sent(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "producer", "marked order 1 as delivered"),
            (0, "producer", "marked order 2 as delivered"),
            (0, "producer", "marked order 3 as delivered"),
            (0, "consumer", "received order 1"),
            (0, "consumer", "stopped"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_cancelled_send_loses_its_event() {
    let journal = Journal::new();
    timeout(HOUR, wrong::give_up_on_send(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "producer", "sent \"upload completed\"; the channel is full"),
            (100, "producer", "gave up; the event is gone"),
            (250, "consumer", "received \"upload completed\""),
            (250, "consumer", "recv() returned None: no sender left"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_select_around_a_send_loses_the_event_too() {
    let (tx, mut rx) = mpsc::channel(1);
    tx.send("event 1").await.unwrap();
    tokio::select! {
        _ = tx.send("event 2") => panic!("the channel is full"),
        () = sleep(Duration::from_millis(100)) => {}
    }
    drop(tx);
    assert_eq!(rx.recv().await, Some("event 1"));
    assert_eq!(rx.recv().await, None, "event 2 was dropped with its send");
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_reserve_loses_nothing() {
    let journal = Journal::new();
    timeout(HOUR, sending::reserve_then_send(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "producer", "sent \"upload completed\"; the channel is full"),
            (100, "producer", "no free slot yet; keeps the event"),
            (200, "producer", "no free slot yet; keeps the event"),
            (250, "producer", "got a slot and sent the event"),
            (250, "consumer", "received \"upload completed\""),
            (250, "consumer", "received \"payment processed\""),
            (250, "consumer", "recv() returned None: no sender left"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_permit_does_not_tell_that_the_receiver_is_gone() {
    let (tx, rx) = mpsc::channel(1);
    let event = Arc::new("event 1");
    let permit = tx.reserve().await.unwrap();
    drop(rx);
    permit.send(event.clone());
    drop(tx);
    assert_eq!(Arc::strong_count(&event), 1, "the event was dropped with the channel");
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_reserve_loses_its_turn() {
    let journal = Journal::new();
    let (start, (tx, mut rx)) = (Instant::now(), mpsc::channel(1));
    tx.send("first").await.unwrap();
    let (impatient, patient) = (tx.clone(), tx);
    let tasks = [
        tokio::spawn(async move {
            timeout(Duration::from_millis(100), impatient.reserve()).await.expect_err("the channel is full");
            impatient.reserve().await.unwrap().send("impatient"); // waited from 0 ms, and again from 100 ms
        }),
        tokio::spawn(async move {
            sleep(Duration::from_millis(50)).await;
            patient.reserve().await.unwrap().send("patient"); // waits from 50 ms
        }),
    ];
    for at_ms in [200, 300, 400] {
        sleep_until(start + Duration::from_millis(at_ms)).await;
        journal.log("consumer", timeout(HOUR, rx.recv()).await.expect(STUCK).unwrap());
    }
    assert_journal!(
        journal,
        [(200, "consumer", "first"), (300, "consumer", "patient"), (400, "consumer", "impatient")]
    );
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_round_robin_waits_for_the_slowest_queue() {
    let (stuck, _never_received_from) = mpsc::channel(1);
    let (idle, mut idle_rx) = mpsc::channel(1);
    stuck.send("event 1").await.unwrap();
    idle.send("event 2").await.unwrap();
    assert_eq!(idle_rx.recv().await, Some("event 2"));
    timeout(HOUR, stuck.send("event 3")).await.expect_err("it waits for the stuck worker");
    assert_eq!(idle.capacity(), 1, "the idle one gets nothing");
}

#[tokio::test(start_paused = true)]
async fn try_send_and_send_timeout_give_the_event_back_too() {
    let (tx, _rx) = mpsc::channel(1);
    tx.send("first").await.unwrap();
    assert_eq!(tx.try_send("second"), Err(TrySendError::Full("second")));
    let sent = tx.send_timeout("second", Duration::from_millis(100)).await;
    assert_eq!(sent, Err(SendTimeoutError::Timeout("second")));
}

#[tokio::test(start_paused = true)]
async fn the_order_of_each_producer_is_kept() {
    for delays_ms in [[0, 0], [0, 1], [1, 0]] {
        let arrived = timeout(HOUR, order::arrivals(delays_ms)).await.expect(STUCK);
        for producer in ["a", "b"] {
            let numbers: Vec<u32> =
                arrived.iter().filter(|event| event.0 == producer).map(|event| event.1).collect();
            assert_eq!(numbers, [1, 2, 3], "producer {producer} with delays {delays_ms:?}");
        }
        match delays_ms {
            [0, 1] => assert_eq!(arrived[0].0, "a"),
            [1, 0] => assert_eq!(arrived[0].0, "b"),
            _ => {} // both start in the same millisecond: nothing is promised, so nothing is asserted
        }
    }
}

#[test]
#[should_panic(expected = "mpsc bounded channel requires buffer > 0")]
fn wrong_a_capacity_of_zero_panics() {
    wrong::zero_capacity();
}

#[tokio::test(start_paused = true)]
async fn a_receiver_can_close_the_channel_and_drain_it() {
    let (tx, mut rx) = mpsc::channel(3);
    tx.send("queued before").await.unwrap();
    rx.close();
    assert_eq!(tx.send("too late").await.unwrap_err().0, "too late");
    assert_eq!(rx.recv().await, Some("queued before"));
    assert_eq!(rx.recv().await, None, "although a sender is still alive");
}

#[tokio::test(start_paused = true)]
async fn wrong_one_loop_polls_late_because_it_is_publishing() {
    let journal = Journal::new();
    timeout(HOUR, wrong::one_loop(journal.clone(), Pace::FULL)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "loop", "found 3 events"),
            (2000, "loop", "published order 1 and marked it"),
            (4000, "loop", "published order 2 and marked it"),
            (6000, "loop", "published order 3 and marked it"),
            (6000, "loop", "found 3 events"), // due at 5000
            (8000, "loop", "published order 4 and marked it"),
            (10_000, "loop", "published order 5 and marked it"),
            (12_000, "loop", "published order 6 and marked it"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn with_one_worker_the_polls_are_on_time_and_the_work_takes_just_as_long() {
    let journal = Journal::new();
    timeout(HOUR, relay::relay(1, journal.clone(), Pace::FULL)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "poller", "found 3 events"),
            (2000, "worker 1", "published order 1"),
            (2000, "marker", "marked order 1 as published"),
            (4000, "worker 1", "published order 2"),
            (4000, "marker", "marked order 2 as published"),
            (5000, "poller", "found 3 events"),
            (6000, "worker 1", "published order 3"),
            (6000, "marker", "marked order 3 as published"),
            (8000, "worker 1", "published order 4"),
            (8000, "marker", "marked order 4 as published"),
            (10_000, "worker 1", "published order 5"),
            (10_000, "marker", "marked order 5 as published"),
            (12_000, "worker 1", "published order 6"),
            (12_000, "marker", "marked order 6 as published"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn with_three_workers_a_batch_takes_as_long_as_one_event() {
    let journal = Journal::new();
    timeout(HOUR, relay::relay(3, journal.clone(), Pace::FULL)).await.expect(STUCK);
    // The workers finish in the same millisecond, so the order of the marks is not promised: compare them sorted.
    let mut lines: Vec<(u64, String)> = journal
        .entries()
        .into_iter()
        .map(|entry| (entry.at_ms, format!("{} {}", entry.task, entry.what)))
        .collect();
    lines.sort();
    let expected = [
        (0, "poller found 3 events"),
        (2000, "marker marked order 1 as published"),
        (2000, "marker marked order 2 as published"),
        (2000, "marker marked order 3 as published"),
        (2000, "worker 1 published order 1"),
        (2000, "worker 2 published order 2"),
        (2000, "worker 3 published order 3"),
        (5000, "poller found 3 events"),
        (7000, "marker marked order 4 as published"),
        (7000, "marker marked order 5 as published"),
        (7000, "marker marked order 6 as published"),
        (7000, "worker 1 published order 4"),
        (7000, "worker 2 published order 5"),
        (7000, "worker 3 published order 6"),
    ];
    assert_eq!(lines, expected.map(|(at_ms, line)| (at_ms, line.to_owned())));
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}

#[test]
fn every_claim_is_kept_in_every_schedule_by_the_right_version_only() {
    lesson_11::schedule::claims().assert_kept(env!("CARGO_MANIFEST_DIR"));
}
