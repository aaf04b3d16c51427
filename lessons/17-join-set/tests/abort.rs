//! What stops the tasks of a set, and what does not.

use std::future::ready;
use std::time::Duration;

use shared::HOUR;
use tokio::runtime::{Builder, Handle};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::sleep;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

// ANCHOR: drop-and-shutdown
#[tokio::test(start_paused = true)]
async fn a_drop_does_not_wait_and_a_shutdown_does() {
    let alive = || Handle::current().metrics().num_alive_tasks();
    let two_that_wait = || [1, 2].map(|_| sleep(HOUR)).into_iter().collect::<JoinSet<()>>();

    let mut tasks = two_that_wait();
    tasks.shutdown().await;
    assert_eq!(alive(), 0);

    let tasks = two_that_wait();
    drop(tasks);
    assert_eq!(alive(), 2); // aborted, but not gone yet
    sleep(ms(1)).await;
    assert_eq!(alive(), 0);
}
// ANCHOR_END: drop-and-shutdown

#[tokio::test(start_paused = true)]
async fn abort_all_leaves_the_tasks_in_the_set() {
    let mut tasks: JoinSet<()> = [1, 2].map(|_| sleep(HOUR)).into_iter().collect();
    tasks.abort_all();
    assert_eq!(tasks.len(), 2);
    while let Some(ended) = tasks.join_next().await {
        assert!(ended.unwrap_err().is_cancelled());
    }
}

#[tokio::test(start_paused = true)]
async fn an_abort_ends_a_task_where_it_has_to_wait() {
    let ((handle_tx, handle_rx), (reached_tx, mut reached)) =
        (oneshot::channel::<AbortHandle>(), mpsc::channel(3));
    let mut tasks = JoinSet::new();
    let handle = tasks.spawn(async move {
        handle_rx.await.unwrap().abort(); // itself, while it is running
        ready(()).await;
        reached_tx.send("after an await that was ready").await.unwrap();
        sleep(ms(1)).await;
        reached_tx.send("after an await that had to wait").await.unwrap();
    });
    handle_tx.send(handle).unwrap();
    assert!(tasks.join_next().await.unwrap().unwrap_err().is_cancelled());
    assert_eq!(reached.recv().await, Some("after an await that was ready"));
    assert_eq!(reached.recv().await, None);
}

#[tokio::test(start_paused = true)]
async fn an_abort_after_the_end_changes_nothing() {
    let mut tasks = JoinSet::new();
    let handle = tasks.spawn(async { "published" });
    sleep(ms(1)).await;
    handle.abort();
    assert_eq!(tasks.join_next().await.unwrap().unwrap(), "published");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)] // the real clock: the task keeps a worker
async fn a_task_that_never_awaits_is_not_stopped() {
    let (starts, started) = oneshot::channel();
    let (go, wait) = std::sync::mpsc::channel();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        starts.send(()).unwrap();
        wait.recv().unwrap(); // blocks, where a computation would run
        "done nevertheless"
    });
    started.await.unwrap();
    tasks.abort_all();
    go.send(()).unwrap();
    assert_eq!(tasks.join_next().await.unwrap().unwrap(), "done nevertheless");
}

#[test] // the real clock: blocking closures have threads of their own, here one
fn a_blocking_closure_is_aborted_only_before_it_starts() {
    let runtime = Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
    runtime.block_on(async {
        let (starts, started) = oneshot::channel();
        let (go, wait) = std::sync::mpsc::channel();
        let mut tasks = JoinSet::new();
        tasks.spawn_blocking(move || {
            starts.send(()).unwrap();
            wait.recv().unwrap();
            "done nevertheless"
        });
        tasks.spawn_blocking(|| "never started");
        started.await.unwrap();
        tasks.abort_all();
        go.send(()).unwrap(); // then the thread is free, and drops the other without running it
        assert_eq!(tasks.join_next().await.unwrap().unwrap(), "done nevertheless");
        assert!(tasks.join_next().await.unwrap().unwrap_err().is_cancelled());
    });
}
