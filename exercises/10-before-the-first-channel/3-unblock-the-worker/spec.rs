//! The tests of exercise 10.3. Your file and the solution are tested by this one copy.
//!
//! They run on the real clock, because blocking takes no time on the paused one. A test is itself the other task: it runs on the
//! same thread as yours.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout};

use super::sut::{Library, compress_all};

const SECOND: Duration = Duration::from_secs(1);

/// What a test has of its library: it sees when a compression begins, and decides when it ends.
struct Control {
    begins: mpsc::Receiver<&'static str>,
    ends_with: Sender<u64>,
    blocks_the_tasks: Arc<AtomicBool>,
}

/// A library that works until the test ends it. If it blocks the thread of the tasks, the test cannot do so, and the library gives
/// up after a second.
fn library() -> (Library, Control) {
    let (began, begins) = mpsc::channel(8);
    let (ends_with, ended) = channel();
    let ended = Mutex::new(ended);
    let blocks_the_tasks = Arc::new(AtomicBool::new(false));
    let control = Control { begins, ends_with, blocks_the_tasks: blocks_the_tasks.clone() };
    let tasks_run_on = thread::current().id();
    let work = move |upload| {
        began.try_send(upload).expect("no test has more uploads");
        let given_up = thread::current().id() == tasks_run_on || blocks_the_tasks.load(Ordering::SeqCst);
        let patience = if given_up { Duration::ZERO } else { SECOND };
        ended.lock().expect("nothing panics while it is locked").recv_timeout(patience).unwrap_or_else(|_| {
            blocks_the_tasks.store(true, Ordering::SeqCst);
            0
        })
    };
    (Library { work: Arc::new(work) }, control)
}

impl Control {
    /// Lets the compression that has begun end with this size.
    fn end_with(&self, size: u64) {
        let _ = self.ends_with.send(size); // an error means that it has given up, which is reported below
    }

    #[track_caller]
    fn assert_that_tasks_can_run(&self) {
        assert!(
            !self.blocks_the_tasks.load(Ordering::SeqCst),
            "no other task could run while `compress` worked: it blocked the thread that runs the tasks"
        );
    }
}

/// Runs a test and the tasks that it spawns on one thread.
fn on_one_thread(test: impl Future<Output = ()>) {
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async { timeout(5 * SECOND, test).await.expect("the test took more than 5 s") });
    runtime.shutdown_background(); // a thread that still rests need not be waited for
}

#[test]
fn other_tasks_run_while_compress_works() {
    on_one_thread(async {
        let (library, mut control) = library();
        let compressing = tokio::spawn(compress_all(vec!["cat.png"], library, Duration::ZERO));
        control.begins.recv().await;
        control.end_with(731);
        let sizes = compressing.await.expect("compress_all does not panic");
        control.assert_that_tasks_can_run();
        assert_eq!(sizes, [731], "the size that `compress` returned");
    });
}

#[test]
fn other_tasks_run_while_it_rests() {
    on_one_thread(async {
        let (library, mut control) = library();
        let started = Instant::now();
        let compressing = tokio::spawn(compress_all(vec!["cat.png"], library, SECOND));
        control.begins.recv().await;
        control.end_with(731);
        for _heartbeat in 0..10 {
            sleep(Duration::from_millis(10)).await;
        }
        let (took, rests) = (started.elapsed(), !compressing.is_finished());
        assert!(
            took < SECOND,
            "10 heartbeats, one every 10 ms, took {took:?} during a rest of 1 s: the rest blocked the thread that runs the tasks"
        );
        assert!(rests, "compress_all returned after {took:?}, and the rest after its only upload takes 1 s");
    });
}

#[test]
fn the_uploads_are_compressed_one_after_another_with_a_rest_after_each() {
    const REST: Duration = Duration::from_millis(40);
    on_one_thread(async {
        let (library, mut control) = library();
        let uploads = [("song.flac", 731), ("cat.png", 90), ("report.pdf", 4400)];
        let names = uploads.iter().map(|(name, _)| *name).collect();
        let compressing = tokio::spawn(compress_all(names, library, REST));
        let mut ended: Option<Instant> = None;
        for (upload, size) in uploads {
            let next = control.begins.recv().await;
            let rested = ended.map_or(REST, |ended| ended.elapsed());
            sleep(REST + Duration::from_millis(10)).await;
            control.assert_that_tasks_can_run();
            assert_eq!(
                next,
                Some(upload),
                "the uploads must be compressed one after another, in their order"
            );
            assert!(
                rested >= REST,
                "{upload} began {rested:?} after the one before it, and a rest takes {REST:?}"
            );
            if let Ok(other) = control.begins.try_recv() {
                panic!(
                    "{other} began while {upload} was still being compressed; it must be one after another"
                );
            }
            ended = Some(Instant::now());
            control.end_with(size);
        }
        let sizes = compressing.await.expect("compress_all does not panic");
        let rested = ended.map_or(REST, |ended| ended.elapsed());
        assert!(
            rested >= REST,
            "compress_all returned {rested:?} after the last upload, and a rest takes {REST:?}"
        );
        assert_eq!(sizes, [731, 90, 4400], "the sizes that `compress` returned, in the order of the uploads");
    });
}
