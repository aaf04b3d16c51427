//! Waiting without blocking: a task gives its thread back at an `.await`, and nowhere else. What must block gets a
//! thread of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use shared::Journal;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::disk::Disk;

/// How long the relay rests between two batches.
pub const PAUSE: Duration = Duration::from_millis(300);

/// Counts the beats of a task that reports that this service is alive. Clones share one count.
#[derive(Clone, Debug, Default)]
pub struct Heartbeat {
    beats: Arc<AtomicU32>,
}

impl Heartbeat {
    /// Beats this many times, every 100 ms, and ends. A real one never ends.
    pub async fn beat(self, times: u32, journal: Journal) {
        for number in 1..=times {
            self.beats.fetch_add(1, Ordering::Relaxed);
            journal.log("heartbeat", format_args!("beat {number}"));
            sleep(Duration::from_millis(100)).await;
        }
    }

    pub fn beats(&self) -> u32 {
        self.beats.load(Ordering::Relaxed)
    }
}

/// Runs `pause` beside a heartbeat and counts the beats during the pause.
pub async fn beside_a_heartbeat(pause: impl Future<Output = ()>, journal: Journal) {
    let heart = Heartbeat::default();
    let beating = tokio::spawn(heart.clone().beat(4, journal.clone()));
    sleep(Duration::from_millis(50)).await; // the first batch
    journal.log("relay", "rests for 300 ms");
    let before = heart.beats();
    pause.await;
    journal.log("relay", format_args!("resumes; beats meanwhile: {}", heart.beats() - before));
    beating.await.expect("a heartbeat does not panic");
}

/// Rests, and lets the thread run other tasks.
pub async fn rest() {
    sleep(PAUSE).await;
}

/// Reads on one of the threads that the runtime keeps for blocking calls. The task waits; its thread does not.
///
/// Dropping this future does not stop the read: a blocking call that has begun cannot be stopped.
// ANCHOR: read-on-another-thread
pub async fn read_on_another_thread(disk: Disk) {
    spawn_blocking(move || disk.read()).await.expect("a read does not panic");
}
// ANCHOR_END: read-on-another-thread

/// Runs a long computation on a blocking thread, at most as many at a time as `bound` has permits.
///
/// Dropping this future does not stop a computation that has begun. The computation keeps its permit until it ends.
// ANCHOR: compute
pub async fn compute<T: Send + 'static>(
    bound: Arc<Semaphore>,
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    let permit = bound.acquire_owned().await.expect("nobody closes the semaphore");
    let computing = spawn_blocking(move || {
        let _permit = permit; // returned when the work has ended, not when its caller stops waiting
        work()
    });
    computing.await.expect("the work does not panic")
}
// ANCHOR_END: compute
