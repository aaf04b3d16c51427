//! What `select!` does with its branches: the losers, the disabled ones, those that are polled by reference, the first one.

use std::cell::Cell;
use std::time::Duration;

use lesson_16::{both, busy, race, wrong};
use shared::{HOUR, Journal, assert_journal};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_test::{assert_pending, assert_ready_eq};

const STUCK: &str = "no task can make progress";

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[tokio::test(start_paused = true)]
async fn the_losers_are_dropped_before_the_handler_runs() {
    let journal = Journal::new();
    tokio::select! {
        _file = race::download("mirror 1", 250, &journal) => {}
        () = sleep(ms(100)) => journal.log("main", "handles the timeout"),
    }
    let order: Vec<_> = journal.entries().into_iter().map(|entry| entry.what).collect();
    assert_eq!(order, ["is dropped", "handles the timeout"]);
}

#[tokio::test(start_paused = true)]
async fn wrong_a_task_goes_on_when_its_handle_loses() {
    let (journal, in_task) = (Journal::new(), Journal::new());
    let task_journal = in_task.clone();
    let handle = tokio::spawn(async move { race::download("mirror 1", 250, &task_journal).await });
    tokio::select! {
        _file = handle => {}
        () = sleep(ms(100)) => journal.log("main", "gives up"),
    }
    sleep(HOUR).await;
    assert_journal!(journal, [(100, "main", "gives up")]);
    assert_journal!(in_task, [(250, "mirror 1", "has sent the file")]);
}

#[tokio::test(start_paused = true)]
async fn wrong_a_closed_channel_only_disables_its_branch() {
    let (journal, (tx, rx)) = (Journal::new(), mpsc::channel(3));
    drop(tx);
    let ended = timeout(ms(250), wrong::never_ends(rx, journal.clone())).await;
    assert!(ended.is_err(), "the channel was closed at 0 ms");
    assert_journal!(
        journal,
        [(0, "relay", "heartbeat"), (100, "relay", "heartbeat"), (200, "relay", "heartbeat")]
    );
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "all branches are disabled and there is no else branch")]
async fn wrong_select_panics_when_all_branches_are_disabled_and_there_is_no_else() {
    let (tx, rx) = mpsc::channel(3);
    drop(tx);
    wrong::no_else(rx).await;
}

#[tokio::test(start_paused = true)]
async fn a_branch_whose_future_has_finished_is_disabled() {
    let journal = Journal::new();
    timeout(HOUR, both::both(&journal)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (100, "mirror 2", "has sent the file"),
            (100, "main", "has the file from mirror 2"),
            (250, "mirror 1", "has sent the file"),
            (250, "main", "has the file from mirror 1"),
            (250, "main", "has both files"),
        ]
    );
}

// ANCHOR: polled-again
#[tokio::test(start_paused = true)]
#[should_panic(expected = "`async fn` resumed after completion")]
async fn wrong_a_finished_future_must_not_be_polled_again() {
    wrong::polled_again(&Journal::new()).await;
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "JoinHandle polled after completion")]
async fn wrong_neither_must_a_finished_handle() {
    let mut task = tokio::spawn(async {});
    (&mut task).await.unwrap();
    let _again = (&mut task).await;
}
// ANCHOR_END: polled-again

// ANCHOR: evaluated
#[tokio::test(start_paused = true)]
async fn a_disabled_branch_is_evaluated_but_not_polled() {
    let calls = Cell::new(0);
    let count = || {
        calls.set(calls.get() + 1);
        async { panic!("polled") }
    };
    tokio::select! {
        () = count(), if false => {}
        () = sleep(ms(1)) => {}
    }
    assert_eq!(calls.get(), 1);
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "called `Option::unwrap()` on a `None` value")]
async fn wrong_an_if_does_not_protect_the_expression() {
    wrong::wait_if_any(None).await;
}
// ANCHOR_END: evaluated

#[tokio::test(start_paused = true)]
async fn an_async_block_is_created_but_does_nothing_until_it_is_polled() {
    let mut task: Option<JoinHandle<u32>> = None;
    for expected in [None, Some(3), None] {
        let ended = tokio::select! {
            ended = async { task.as_mut().unwrap().await }, if task.is_some() => Some(ended.unwrap()),
            else => None,
        };
        assert_eq!(ended, expected);
        // `None` in place of the finished handle, so that it is not polled again.
        task = if ended.is_none() { Some(tokio::spawn(async { 3 })) } else { None };
    }
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "all branches are disabled and there is no else branch")]
async fn wrong_an_if_that_disables_the_only_branch_panics_without_an_else() {
    tokio::select! {
        () = sleep(ms(1)), if false => {}
    }
}

#[tokio::test(start_paused = true)]
async fn a_disabled_branch_is_enabled_again_in_the_next_iteration() {
    let (tx, mut rx) = mpsc::channel(3);
    tx.send(None).await.unwrap();
    tx.send(Some(2)).await.unwrap();
    let mut taken = Vec::new();
    for _ in 0..2 {
        tokio::select! {
            Some(Some(order)) = rx.recv() => taken.push(order),
            () = sleep(ms(1)) => {}
        }
    }
    assert_eq!(taken, [2]); // `None` was taken out of the channel, did not match, and is gone
}

#[tokio::test(start_paused = true)]
async fn a_handle_or_a_oneshot_receiver_is_polled_by_reference_without_pin() {
    let mut task = tokio::spawn(sleep(ms(250)));
    let (tx, mut rx) = oneshot::channel();
    assert!(timeout(ms(100), &mut task).await.is_err());
    assert!(timeout(ms(100), &mut rx).await.is_err());
    tx.send("answer").unwrap();
    assert_eq!((&mut rx).await, Ok("answer"));
    let waiting = Instant::now();
    (&mut task).await.unwrap();
    assert_eq!(waiting.elapsed(), ms(50)); // 250 in all: the task has kept its progress
}

/// A channel with this many orders, and another on which the stop has already been sent.
async fn busy_and_stopped(orders: u32) -> ((mpsc::Sender<u32>, mpsc::Receiver<u32>), oneshot::Receiver<()>) {
    let (tx, rx) = mpsc::channel(1000);
    for order in 0..orders {
        tx.send(order).await.unwrap();
    }
    let (stop, stopped) = oneshot::channel();
    stop.send(()).unwrap();
    ((tx, rx), stopped)
}

// ANCHOR: biased
#[tokio::test(start_paused = true)]
async fn with_biased_the_first_ready_branch_wins() {
    let ((_open, orders), stop) = busy_and_stopped(1000).await;
    assert_eq!(busy::stop_first(orders, stop).await, 0);

    let ((_open, orders), stop) = busy_and_stopped(1000).await;
    assert_eq!(wrong::orders_first(orders, stop).await, 1000); // although the stop was sent first
}

#[tokio::test(start_paused = true)]
async fn without_biased_each_of_two_ready_branches_wins_about_half_the_time() {
    let (((_one, mut first), _), ((_two, mut second), _)) =
        (busy_and_stopped(1000).await, busy_and_stopped(1000).await);
    let mut wins = 0;
    for _ in 0..1000 {
        wins += u32::from(busy::of_two_ready(&mut first, &mut second).await == 1);
    }
    assert!((300..=700).contains(&wins), "the first one won {wins} of 1000 times");
}
// ANCHOR_END: biased

#[tokio::test(start_paused = true)]
async fn polled_by_hand_a_race_is_pending_until_a_branch_is_ready() {
    let mut racing = tokio_test::task::spawn(race::within(ms(100), sleep(ms(50))));
    assert_pending!(racing.poll());
    sleep(ms(50)).await;
    assert!(racing.is_woken());
    assert_ready_eq!(racing.poll(), Some(()));
}
