//! What the book's page "An empty folder" says about the two flavours of the runtime: which threads there are, and what
//! runs on them. On the real clock, and nothing is timed.

use std::collections::HashSet;
use std::env;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::thread::{self, ThreadId};
use std::time::Duration;

use lesson_10::disk::Disk;
use tokio::runtime::{Builder, Handle, Runtime, RuntimeFlavor};
use tokio::sync::{Notify, oneshot};
use tokio::time::sleep;

/// What a program sees of its runtime.
#[derive(Debug)]
struct Seen {
    flavour: RuntimeFlavor,
    workers: usize,
    /// The thread that runs the body of `main`.
    body: ThreadId,
    /// The threads that 100 spawned tasks ran on.
    tasks: HashSet<ThreadId>,
}

async fn look() -> Seen {
    let spawned: Vec<_> = (0..100).map(|_| tokio::spawn(async { thread::current().id() })).collect();
    let mut tasks = HashSet::new();
    for task in spawned {
        tasks.insert(task.await.unwrap());
    }
    let runtime = Handle::current();
    let (flavour, workers) = (runtime.runtime_flavor(), runtime.metrics().num_workers());
    Seen { flavour, workers, body: thread::current().id(), tasks }
}

// ANCHOR: flavours
#[tokio::main] // the default: flavor = "multi_thread", a worker for each CPU
async fn by_default() -> Seen {
    look().await
}

#[tokio::main(worker_threads = 2)]
async fn two_workers() -> Seen {
    look().await
}

#[tokio::main(flavor = "current_thread")]
async fn one_thread() -> Seen {
    look().await
}
// ANCHOR_END: flavours

fn here() -> ThreadId {
    thread::current().id()
}

/// One for each CPU, unless the environment says otherwise.
fn workers_by_default() -> usize {
    let wanted = env::var("TOKIO_WORKER_THREADS").ok().and_then(|count| count.parse().ok());
    wanted.unwrap_or_else(|| thread::available_parallelism().unwrap().get())
}

// ANCHOR: threads
#[test]
fn by_default_tasks_run_on_workers_and_the_body_of_main_beside_them() {
    let seen = by_default();
    assert_eq!(seen.flavour, RuntimeFlavor::MultiThread);
    assert_eq!(seen.workers, workers_by_default());
    assert_eq!(seen.body, here()); // the thread that called `main`, not a worker
    assert!(!seen.tasks.contains(&here()));
}

#[test]
fn worker_threads_is_the_number_of_workers() {
    let seen = two_workers();
    assert_eq!((seen.flavour, seen.workers), (RuntimeFlavor::MultiThread, 2));
    assert!(seen.tasks.len() <= 2);
}

#[test]
fn on_current_thread_everything_runs_on_the_thread_that_called_main() {
    let seen = one_thread();
    assert_eq!((seen.flavour, seen.workers), (RuntimeFlavor::CurrentThread, 1));
    assert_eq!((seen.body, seen.tasks), (here(), HashSet::from([here()])));
}
// ANCHOR_END: threads

#[tokio::test]
async fn a_test_is_current_thread_by_default() {
    let seen = look().await;
    assert_eq!(seen.flavour, RuntimeFlavor::CurrentThread);
    assert_eq!(seen.tasks, HashSet::from([here()]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_test_can_have_workers() {
    let seen = look().await;
    assert_eq!((seen.flavour, seen.workers), (RuntimeFlavor::MultiThread, 2));
    assert!(!seen.tasks.contains(&here()));
}

#[test]
fn a_runtime_built_by_hand_is_the_one_that_the_macro_builds() {
    let seen = Builder::new_multi_thread().enable_all().build().unwrap().block_on(look());
    assert_eq!((seen.flavour, seen.workers), (RuntimeFlavor::MultiThread, workers_by_default()));
    let seen = Builder::new_current_thread().enable_all().build().unwrap().block_on(look());
    assert_eq!((seen.flavour, seen.workers), (RuntimeFlavor::CurrentThread, 1));
}

fn workers(count: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(count).enable_all().build().unwrap()
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn on_several_workers_tasks_run_at_the_same_moment() {
    let (runtime, both) = (workers(2), Arc::new(Barrier::new(2)));
    let meet = || {
        let both = both.clone();
        runtime.spawn(async move { both.wait() }) // blocks its worker until the other task is there too
    };
    let (one, other) = (meet(), meet());
    runtime.block_on(one).unwrap();
    runtime.block_on(other).unwrap();
}

#[test]
fn on_several_workers_a_task_may_resume_on_another_thread() {
    let (runtime, disk) = (workers(2), Disk::new());
    let (resume, resumed) = oneshot::channel();
    let task = runtime.spawn({
        let disk = disk.clone();
        async move {
            let before = here();
            tokio::spawn(async move { disk.read() }); // next on this worker, which it blocks
            resumed.await.unwrap();
            (before, here())
        }
    });
    disk.asked();
    resume.send(()).unwrap();
    let (before, after) = runtime.block_on(task).unwrap();
    assert_ne!(before, after);
    disk.answer();
}

/// Gives a task that could run the time to do it. A test of code that is right passes however short this is.
#[expect(clippy::disallowed_methods, reason = "the thread of the test is not a worker")]
fn give_it_time() {
    thread::sleep(Duration::from_millis(50));
}

#[test]
fn a_current_thread_runtime_runs_its_tasks_only_while_a_thread_is_in_block_on() {
    let (runtime, ran) = (current_thread(), Arc::new(AtomicBool::new(false)));
    let task = runtime.spawn({
        let ran = ran.clone();
        async move { ran.store(true, Ordering::Relaxed) }
    });
    give_it_time();
    assert!(!ran.load(Ordering::Relaxed));
    runtime.block_on(task).unwrap();
    assert!(ran.load(Ordering::Relaxed));
}

#[test]
fn one_worker_and_the_body_of_main_run_at_the_same_moment() {
    let both = Arc::new(Barrier::new(2));
    workers(1).block_on(async {
        tokio::spawn({
            let both = both.clone();
            async move { both.wait() }
        });
        both.wait();
    });
}

#[test]
fn workers_run_tasks_without_block_on() {
    let (runtime, ran) = (workers(1), Arc::new(Barrier::new(2)));
    runtime.spawn({
        let ran = ran.clone();
        async move { ran.wait() }
    });
    ran.wait(); // the worker is there too
}

#[test]
#[should_panic(
    expected = "there is no reactor running, must be called from the context of a Tokio 1.x runtime"
)]
fn wrong_spawn_needs_a_runtime() {
    drop(tokio::spawn(async {}));
}

#[test]
#[should_panic(expected = "A Tokio 1.x context was found, but timers are disabled")]
fn wrong_sleep_needs_a_runtime_with_timers() {
    let runtime = Builder::new_multi_thread().worker_threads(1).build().unwrap(); // no enable_all
    runtime.block_on(async { sleep(Duration::from_millis(1)).await });
}

#[test]
#[should_panic(expected = "requires the `current_thread` Tokio runtime")]
fn wrong_the_clock_of_several_workers_cannot_be_paused() {
    workers(2).block_on(async { tokio::time::pause() });
}

#[test]
fn a_runtime_without_timers_still_runs_tasks_and_channels() {
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let rung = Arc::new(Notify::new());
        tokio::spawn({
            let rung = rung.clone();
            async move { rung.notify_one() }
        });
        rung.notified().await;
    });
}
