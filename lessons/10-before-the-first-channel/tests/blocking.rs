//! What lesson 10 claims about threads that block: what stands still with them, what the paused clock does meanwhile, and
//! how they end. Mostly on runtimes of their own and the real clock; nothing is timed.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, RwLock, mpsc};
use std::thread::{self, ThreadId};
use std::time::Duration;

use lesson_10::blocking::{self, Heartbeat};
use lesson_10::disk::Disk;
use lesson_10::wrong;
use shared::{HOUR, Journal};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::{Semaphore, oneshot};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{Instant, sleep, timeout};

/// A runtime on the real clock with this many worker threads. The thread of the test is not one of them.
fn workers(count: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(count).enable_time().build().unwrap()
}

/// Sleeps this many times, and returns the threads that it ran on.
async fn threads_of(iterations: usize) -> HashSet<ThreadId> {
    let mut threads = HashSet::new();
    for _ in 0..iterations {
        threads.insert(thread::current().id());
        sleep(Duration::from_millis(1)).await;
    }
    threads
}

/// Gives a task that could run the time to do it. A test of code that is right passes however short this is.
#[expect(clippy::disallowed_methods, reason = "the thread of the test is not a worker")]
fn give_it_time() {
    thread::sleep(Duration::from_millis(50));
}

#[test]
fn wrong_with_every_worker_blocked_everything_stands_still() {
    for count in [1, 2] {
        let runtime = workers(count);
        let disks: Vec<Disk> = (0..count).map(|_| Disk::new()).collect();
        for disk in &disks {
            runtime.spawn(wrong::read_in_the_task(disk.clone()));
            disk.asked(); // one more worker is blocked in `read`
        }
        let heart = Heartbeat::default();
        let beating = runtime.spawn(heart.clone().beat(3, Journal::new()));
        give_it_time();
        assert_eq!(heart.beats(), 0, "{count} of {count} workers are blocked");

        disks.iter().for_each(Disk::answer);
        runtime.block_on(beating).unwrap();
        assert_eq!(heart.beats(), 3);
    }
}

#[test]
fn wrong_with_one_worker_of_two_blocked_half_of_the_capacity_is_gone() {
    let runtime = workers(2);
    let (disk, heart) = (Disk::new(), Heartbeat::default());
    let (tell_thread, blocked_thread) = mpsc::channel();
    let blocks = runtime.spawn({
        let (disk, heart) = (disk.clone(), heart.clone());
        async move {
            tell_thread.send(thread::current().id()).unwrap();
            let beating = tokio::spawn(heart.beat(3, Journal::new())); // next on this worker
            wrong::read_in_the_task(disk).await;
            beating.await.unwrap();
        }
    });
    disk.asked();

    // Other tasks run, all of them on the one thread that is left.
    let threads = runtime.block_on(runtime.spawn(threads_of(100))).unwrap();
    assert_eq!(threads.len(), 1);
    assert!(!threads.contains(&blocked_thread.recv().unwrap()));
    // The task that the blocked one has just spawned waits with it.
    assert_eq!(heart.beats(), 0);

    disk.answer();
    runtime.block_on(blocks).unwrap();
    assert_eq!(heart.beats(), 3);
}

// ANCHOR: all-timers
fn one_of_four_blocks_and_no_timer_fires() -> bool {
    let runtime = workers(4);
    let (disk, heart) = (Disk::new(), Heartbeat::default());
    let beating = runtime.spawn(heart.clone().beat(3, Journal::new())); // at 0, 100 and 200 ms
    let blocks = runtime.spawn({
        let disk = disk.clone();
        async move {
            sleep(Duration::from_millis(50)).await;
            wrong::read_in_the_task(disk).await;
        }
    });
    disk.asked(); // one worker is blocked in `read`
    (0..6).for_each(|_| give_it_time()); // 300 ms
    let beats = heart.beats();
    runtime.spawn(async {}); // wakes an idle worker
    give_it_time();
    let beats_then = heart.beats();
    disk.answer();
    runtime.block_on(async { (blocks.await.unwrap(), beating.await.unwrap()) });
    beats == 1 && beats_then > 1 // the beat of 100 ms came at 350 ms, after the spawn
}
// ANCHOR_END: all-timers

#[test]
fn wrong_one_blocked_worker_of_four_can_stop_all_timers() {
    // It needs the other workers to be asleep at 50 ms, and on a busy machine one of them may still be awake.
    assert!((0..20).any(|_| one_of_four_blocks_and_no_timer_fires()));
}

#[test]
fn on_a_blocking_thread_a_read_stops_no_worker() {
    let runtime = workers(1);
    let (disk, heart) = (Disk::new(), Heartbeat::default());
    let reading = runtime.spawn(blocking::read_on_another_thread(disk.clone()));
    disk.asked();

    runtime.block_on(runtime.spawn(heart.clone().beat(3, Journal::new()))).unwrap();
    assert_eq!(heart.beats(), 3, "the only worker runs the heartbeat while the disk is read");

    disk.answer();
    runtime.block_on(reading).unwrap();
}

#[test]
fn a_current_thread_runtime_has_blocking_threads_too() {
    let runtime = Builder::new_current_thread().build().unwrap();
    let thread = runtime.block_on(async { spawn_blocking(|| thread::current().id()).await.unwrap() });
    assert_ne!(thread, thread::current().id());
}

#[test]
fn spawn_blocking_starts_up_to_512_threads() {
    let runtime = workers(1);
    let (gate, begun) = (Arc::new(RwLock::new(())), Arc::new(AtomicUsize::new(0)));
    let closed = gate.write().unwrap();
    let mut all = JoinSet::new();
    for _ in 0..600 {
        let (gate, begun) = (gate.clone(), begun.clone());
        let work = move || {
            begun.fetch_add(1, Ordering::Relaxed);
            drop(gate.read().unwrap());
        };
        all.spawn_blocking_on(work, runtime.handle());
    }
    while begun.load(Ordering::Relaxed) < 512 {
        give_it_time();
    }
    give_it_time();
    assert_eq!(begun.load(Ordering::Relaxed), 512, "the other 88 wait for a thread");
    drop(closed);
    runtime.block_on(all.join_all());
    assert_eq!(begun.load(Ordering::Relaxed), 600);
}

#[test]
fn a_semaphore_bounds_the_computations() {
    let runtime = workers(2);
    let bound = Arc::new(Semaphore::new(2));
    let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut all = JoinSet::new();
    for number in 0..8 {
        let (running, most) = (running.clone(), most.clone());
        let work = move || {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            give_it_time();
            running.fetch_sub(1, Ordering::SeqCst);
            number
        };
        all.spawn_on(blocking::compute(bound.clone(), work), runtime.handle());
    }
    let mut results = runtime.block_on(all.join_all());
    results.sort_unstable();
    assert_eq!(results, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(most.load(Ordering::SeqCst), 2);
}

#[test]
fn a_computation_whose_caller_has_stopped_waiting_keeps_its_permit() {
    let (runtime, bound, disk) = (workers(1), Arc::new(Semaphore::new(1)), Disk::new());
    let work = {
        let disk = disk.clone();
        move || disk.read()
    };
    let computing = runtime.spawn(blocking::compute(bound.clone(), work));
    disk.asked();
    computing.abort();
    assert!(runtime.block_on(computing).unwrap_err().is_cancelled());
    assert_eq!(bound.available_permits(), 0);
    disk.answer();
    runtime.block_on(bound.acquire()).unwrap().forget();
}

// ANCHOR: abort
#[test]
fn wrong_abort_does_not_stop_a_blocking_call_that_has_begun() {
    let (runtime, disk) = (workers(1), Disk::new());
    let reading = runtime.spawn_blocking({
        let disk = disk.clone();
        move || {
            disk.read();
            "read"
        }
    });
    disk.asked();
    reading.abort();
    give_it_time();
    assert!(!reading.is_finished());
    disk.answer();
    assert_eq!(runtime.block_on(reading).unwrap(), "read"); // as if nobody had called abort
}
// ANCHOR_END: abort

#[test]
fn abort_stops_a_blocking_call_that_still_waits_for_a_thread() {
    let runtime = Builder::new_multi_thread().worker_threads(1).max_blocking_threads(1).build().unwrap();
    let disk = Disk::new();
    let reading = runtime.spawn_blocking({
        let disk = disk.clone();
        move || disk.read()
    });
    disk.asked();
    let queued = runtime.spawn_blocking(|| "never runs");
    queued.abort();
    disk.answer();
    assert!(runtime.block_on(queued).unwrap_err().is_cancelled());
    runtime.block_on(reading).unwrap();
}

// ANCHOR: end-of-main
#[tokio::main(flavor = "current_thread")]
async fn returns_while_a_read_blocks(disk: Disk) {
    tokio::spawn(sleep(24 * HOUR));
    spawn_blocking({
        let disk = disk.clone();
        move || disk.read()
    });
    disk.asked(); // the read has begun
}

#[test]
fn at_the_end_of_the_program_tasks_are_dropped_and_blocking_calls_are_waited_for() {
    let disk = Disk::new();
    let program = thread::spawn({
        let disk = disk.clone();
        move || returns_while_a_read_blocks(disk)
    });
    give_it_time();
    assert!(!program.is_finished()); // it waits for the read
    disk.answer();
    program.join().unwrap(); // and not for the task
}
// ANCHOR_END: end-of-main

/// Blocks its thread, and waits after that; counts both steps.
async fn blocks_and_then_waits(disk: Disk, steps: Arc<AtomicUsize>) {
    wrong::read_in_the_task(disk).await;
    steps.fetch_add(1, Ordering::Relaxed);
    sleep(HOUR).await;
    steps.fetch_add(1, Ordering::Relaxed);
}

#[test]
fn abort_ends_a_running_task_at_its_next_await() {
    let (runtime, disk, steps) = (workers(1), Disk::new(), Arc::new(AtomicUsize::new(0)));
    let task = runtime.spawn(blocks_and_then_waits(disk.clone(), steps.clone()));
    disk.asked();
    task.abort();
    disk.answer();
    assert!(runtime.block_on(task).unwrap_err().is_cancelled());
    assert_eq!(steps.load(Ordering::Relaxed), 1);
}

#[test]
fn at_the_end_of_the_program_a_task_runs_to_its_next_await() {
    let (runtime, disk, steps) = (workers(1), Disk::new(), Arc::new(AtomicUsize::new(0)));
    runtime.spawn(blocks_and_then_waits(disk.clone(), steps.clone()));
    disk.asked();
    let ending = thread::spawn(move || drop(runtime));
    give_it_time();
    assert!(!ending.is_finished());
    disk.answer();
    ending.join().unwrap();
    assert_eq!(steps.load(Ordering::Relaxed), 1);
}

#[test]
fn shutdown_timeout_bounds_the_wait() {
    let (runtime, disk) = (workers(1), Disk::new());
    runtime.spawn_blocking({
        let disk = disk.clone();
        move || disk.read()
    });
    disk.asked();
    runtime.shutdown_timeout(Duration::from_millis(10)); // returns, and the read goes on
    disk.answer();
}

// ANCHOR: stands-still
#[tokio::test(start_paused = true)]
async fn the_clock_stands_still_while_spawn_blocking_runs() {
    let (disk, heart, started) = (Disk::new(), Heartbeat::default(), Instant::now());
    let beating = tokio::spawn(heart.clone().beat(3, Journal::new()));
    answer_later(&disk);
    blocking::read_on_another_thread(disk).await; // real time passes
    assert_eq!((started.elapsed(), heart.beats()), (Duration::ZERO, 1));
    beating.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn wrong_the_clock_jumps_while_a_plain_thread_works() {
    let (disk, (tell, told)) = (Disk::new(), oneshot::channel());
    let reading = thread::spawn({
        let disk = disk.clone();
        move || (disk.read(), tell.send("read"))
    });
    assert!(timeout(HOUR, told).await.is_err()); // an hour passes before the disk has answered
    disk.asked();
    disk.answer();
    reading.join().unwrap().1.unwrap_err(); // too late: nobody waits for it any more
}
// ANCHOR_END: stands-still

/// Another thread lets the disk answer, a while after it has been asked.
fn answer_later(disk: &Disk) {
    let disk = disk.clone();
    thread::spawn(move || {
        disk.asked();
        give_it_time();
        disk.answer();
    });
}

#[test]
fn wrong_a_timeout_does_not_end_what_never_awaits() {
    let stop = Arc::new(AtomicBool::new(false));
    let test = thread::spawn({
        let stop = stop.clone();
        move || {
            let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
            let spins = async {
                while !stop.load(Ordering::Relaxed) {
                    thread::yield_now();
                }
            };
            runtime.block_on(async { timeout(HOUR, spins).await })
        }
    });
    give_it_time();
    assert!(!test.is_finished()); // without `stop` it would hang, and nothing would say so
    stop.store(true, Ordering::Relaxed);
    assert_eq!(test.join().unwrap(), Ok(())); // not even late: the clock has not moved
}
