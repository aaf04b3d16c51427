//! The tests of exercise 10.3. Your file and the solution are tested by this one copy.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use shared::HOUR;
use tokio::time::{Instant, sleep, timeout};

use super::sut::{compress, compress_all};

const UPLOADS: [&str; 3] = ["cat.png", "report.pdf", "song.flac"];

/// Beats every 100 ms, first after 50 ms.
async fn heartbeat(beats: Arc<AtomicU32>) {
    sleep(Duration::from_millis(50)).await;
    loop {
        beats.fetch_add(1, Ordering::Relaxed);
        sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_heart_beats_while_the_service_rests() {
    let beats = Arc::new(AtomicU32::new(0));
    let beating = tokio::spawn(heartbeat(beats.clone()));
    let started = Instant::now();
    timeout(HOUR, compress_all(UPLOADS.to_vec())).await.expect("no task can go on");
    let counted = beats.load(Ordering::Relaxed);
    beating.abort();
    assert!(
        counted == 6,
        "expected 6 beats during 3 rests of 200 ms, counted {counted}. While a thread is blocked, no task runs on it, and \
         the paused clock stands still."
    );
    assert_eq!(started.elapsed(), Duration::from_millis(600), "3 rests of 200 ms, one after another");
}

#[tokio::test(start_paused = true)]
async fn the_uploads_are_compressed_on_another_thread() {
    let results = timeout(HOUR, compress_all(UPLOADS.to_vec())).await.expect("no task can go on");
    let names: Vec<_> = results.iter().map(|result| result.upload).collect();
    assert_eq!(names, UPLOADS, "every upload once, in order");

    let here = compress("where the tasks of this test run").on;
    assert_eq!(here, thread::current().id());
    for result in &results {
        assert!(result.on != here, "{} was compressed on the thread that runs the tasks", result.upload);
    }
}
