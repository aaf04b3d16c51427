//! What becomes of the rest when a pattern is dropped, aborted or stopped. `patterns.toml` names a test for each.

use std::future::pending;
use std::pin::pin;
use std::sync::{Arc, Mutex, mpsc as std_mpsc};

use lesson_31::work::{ms, publish};
use lesson_31::{delivery, failure, flow, waiting};
use shared::{HOUR, Journal, assert_journal};
use tokio::sync::{Mutex as AsyncMutex, Semaphore, mpsc, oneshot, watch};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{sleep, timeout};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tokio_test::{assert_pending, assert_ready_eq, task};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Plays a pattern for so long, drops it, and waits for what runs on.
async fn dropped_at(limit_ms: u64, play: impl AsyncFnOnce(Journal)) -> Journal {
    let journal = Journal::new();
    timeout(ms(limit_ms), play(journal.clone())).await.expect_err("it is dropped before its end");
    sleep(HOUR).await;
    journal
}

#[tokio::test(start_paused = true)]
async fn a_join_that_is_dropped_drops_what_has_not_finished() {
    assert_journal!(
        dropped_at(90, waiting::join).await,
        [
            (0, "stock", "is asked"),
            (0, "price", "is asked"),
            (70, "stock", "answers 7"),
            (90, "price", "is dropped"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn select_drops_the_losers_before_the_handler_runs() {
    let journal = Journal::new();
    tokio::select! {
        biased;
        _ = publish("slow", 50, journal.clone()) => {}
        _ = publish("fast", 20, journal.clone()) => journal.log("handler", "runs"),
    }
    let told: Vec<_> = journal.entries().into_iter().map(|entry| entry.what).collect();
    assert_eq!(told, ["is sent", "is sent", "is confirmed", "is dropped", "runs"]);
}

#[tokio::test(start_paused = true)]
async fn abort_drops_a_task_at_its_await() {
    let journal = Journal::new();
    let task = tokio::spawn(publish("upload", 110, journal.clone()));
    sleep(ms(40)).await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    assert_journal!(journal, [(0, "upload", "is sent"), (40, "upload", "is dropped")]);
}

#[tokio::test] // on the real clock, with a thread that waits
async fn abort_does_nothing_to_blocking_work_that_has_begun() {
    let ((began, has_begun), (go_on, told)) = (oneshot::channel(), std_mpsc::channel::<()>());
    let work = spawn_blocking(move || {
        began.send(()).unwrap();
        told.recv().unwrap();
        "done"
    });
    has_begun.await.unwrap();
    work.abort();
    go_on.send(()).unwrap();
    assert_eq!(work.await.unwrap(), "done");
}

#[tokio::test(start_paused = true)]
async fn a_set_that_is_dropped_aborts_its_tasks() {
    let (journal, mut tasks) = (Journal::new(), JoinSet::new());
    tasks.spawn(publish("upload", 110, journal.clone()));
    sleep(ms(40)).await;
    drop(tasks);
    sleep(HOUR).await;
    assert_journal!(journal, [(0, "upload", "is sent"), (40, "upload", "is dropped")]);
}

#[tokio::test(start_paused = true)]
async fn a_tracker_that_is_dropped_stops_nothing() {
    let (journal, tracker) = (Journal::new(), TaskTracker::new());
    tracker.spawn(publish("upload", 110, journal.clone()));
    drop(tracker);
    sleep(HOUR).await;
    assert_journal!(journal, [(0, "upload", "is sent"), (110, "upload", "is confirmed")]);
}

#[tokio::test(start_paused = true)]
async fn a_token_drops_only_what_is_raced_against_it() {
    let (journal, stop) = (Journal::new(), CancellationToken::new());
    let raced = stop.clone().run_until_cancelled_owned(publish("raced", 110, journal.clone()));
    let (raced, other) = (tokio::spawn(raced), tokio::spawn(publish("other", 110, journal.clone())));
    sleep(ms(40)).await;
    stop.cancel();
    assert_eq!(raced.await.unwrap(), None);
    other.await.unwrap();
    assert_journal!(
        journal,
        [
            (0, "raced", "is sent"),
            (0, "other", "is sent"),
            (40, "raced", "is dropped"),
            (110, "other", "is confirmed"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_queue_is_emptied_and_a_dropped_send_loses_its_value() {
    let (tx, mut rx) = mpsc::channel(1);
    tx.send(1).await.unwrap();
    assert!(timeout(ms(10), tx.send(2)).await.is_err(), "there is no slot, and 2 is gone");
    drop(tx);
    assert_eq!((rx.recv().await, rx.recv().await), (Some(1), None));

    let (tx, rx) = mpsc::channel(1);
    drop(rx);
    assert_eq!(tx.send(3).await.unwrap_err().0, 3);
}

#[tokio::test(start_paused = true)]
async fn each_side_of_a_oneshot_notices_that_the_other_is_gone() {
    let (tx, rx) = oneshot::channel();
    drop(rx);
    assert_eq!(tx.send(7), Err(7));
    let (tx, rx) = oneshot::channel::<u32>();
    drop(tx);
    assert!(rx.await.is_err());
}

#[tokio::test(start_paused = true)]
async fn the_last_value_is_seen_after_its_sender_is_gone() {
    let (tx, mut rx) = watch::channel(1);
    tx.send_replace(2);
    tx.send_replace(3);
    drop(tx);
    assert!(rx.changed().await.is_ok());
    assert_eq!(*rx.borrow_and_update(), 3);
    assert!(rx.changed().await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_panic_under_the_lock_poisons_it() {
    let sold = Arc::new(Mutex::new(0));
    let task = tokio::spawn({
        let sold = Arc::clone(&sold);
        async move {
            let _guard = sold.lock().unwrap();
            std::panic::resume_unwind(Box::new("in the middle of a change"));
        }
    });
    assert!(task.await.unwrap_err().is_panic());
    assert!(sold.lock().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_dropped_drops_what_is_in_flight() {
    assert_journal!(
        dropped_at(40, flow::stream).await,
        [
            (0, "order 7", "is asked"),
            (0, "order 9", "is asked"),
            (30, "order 9", "answers 400"),
            (30, "order 10", "is asked"),
            (40, "order 7", "is dropped"),
            (40, "order 10", "is dropped"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_dropped_stream_of_batches_loses_the_batch_that_it_has_begun() {
    let (tx, mut rx) = mpsc::channel(4);
    tx.send(1).await.unwrap();
    {
        let mut batches = pin!(ReceiverStream::new(rx).chunks_timeout(3, ms(50)));
        assert!(timeout(ms(20), batches.next()).await.is_err());
    } // with the receiver, and with order 1
    assert!(tx.send(2).await.is_err());

    (_, rx) = mpsc::channel::<u32>(1);
    let mut batches = pin!(ReceiverStream::new(rx).chunks_timeout(3, ms(50)));
    assert_eq!(batches.next().await, None, "there is no empty batch at the end");
}

#[tokio::test(start_paused = true)]
async fn a_sender_that_is_kept_hangs_the_loop_that_collects() {
    let (done, mut results) = mpsc::channel(1);
    let worker = done.clone();
    worker.send(1).await.unwrap();
    drop(worker);
    assert_eq!(results.recv().await, Some(1));
    assert!(timeout(HOUR, results.recv()).await.is_err(), "`done` has not been dropped");
}

#[tokio::test(start_paused = true)]
async fn an_abort_returns_the_permit_and_a_dropped_caller_leaves_the_queue() {
    let permits = Arc::new(Semaphore::new(1));
    let permit = Arc::clone(&permits).acquire_owned().await.unwrap();
    let holder = tokio::spawn(async move {
        let _permit = permit;
        pending::<()>().await;
    });
    let mut first = task::spawn(permits.acquire());
    let mut second = task::spawn(permits.acquire());
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    drop(first);
    holder.abort();
    assert!(holder.await.unwrap_err().is_cancelled());
    assert!(second.is_woken());
    assert_ready_eq!(task::spawn(async { second.await.is_ok() }).poll(), true);
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_is_dropped_in_a_pause_has_nothing_in_flight() {
    assert_journal!(
        dropped_at(40, failure::retry).await,
        [(0, "broker", "is asked"), (30, "broker", "answers Err(\"busy\")")]
    );
}

#[tokio::test(start_paused = true)]
async fn a_permanent_error_or_the_third_failure_ends_the_attempts() {
    let (permanent, third) = (Journal::new(), Journal::new());
    failure::three_attempts([Err("unknown topic"), Ok(()), Ok(())], &permanent).await;
    failure::three_attempts([Err("busy"); 3], &third).await;
    let last = |journal: &Journal| journal.entries().last().map(|entry| (entry.at_ms, entry.what.clone()));
    assert_eq!(last(&permanent), Some((30, "gives up: unknown topic".to_owned())));
    assert_eq!(last(&third), Some((180, "gives up: busy".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_probe_that_fails_opens_the_breaker_again() {
    let journal = Journal::new();
    failure::six_calls([Err("down"); 6], &journal).await;
    let of_relay = journal.entries().into_iter().filter(|entry| entry.task == "relay");
    let told: Vec<_> = of_relay.map(|entry| (entry.at_ms, entry.what)).collect();
    let expected = [
        (55, "opens the breaker"),
        (90, "refuses call 3"),
        (125, "refuses call 4"),
        (170, "opens the breaker"), // call 5 was the probe
        (205, "refuses call 6"),
    ];
    assert_eq!(told, expected.map(|(at_ms, what)| (at_ms, what.to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_dropped_while_it_waits_is_not_made() {
    let journal = dropped_at(60, flow::rate_limit).await;
    assert_journal!(journal, [(0, "relay", "makes request 1"), (15, "relay", "makes request 2")]);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_aborted_leaves_the_queue_to_the_others() {
    let (journal, (tx, rx)) = (Journal::new(), mpsc::channel(3));
    let queue = Arc::new(AsyncMutex::new(rx));
    let start = |name| tokio::spawn(delivery::worker(name, Arc::clone(&queue), journal.clone()));
    let (first, second) = (start("worker 1"), start("worker 2"));
    for event in [(1, 95), (2, 30), (3, 40)] {
        tx.send(event).await.unwrap();
    }
    drop(tx);
    sleep(ms(50)).await;
    first.abort(); // in the middle of event 1
    second.await.unwrap();
    assert_journal!(
        journal,
        [(30, "worker 2", "has published event 2"), (70, "worker 2", "has published event 3")]
    );
}
