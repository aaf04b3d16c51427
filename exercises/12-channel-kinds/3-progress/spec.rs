//! The tests of exercise 12.3. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::runtime::Handle;
use tokio::time::timeout;

use super::sut::{Durations, copy_all};

/// Copies files that take these numbers of milliseconds, and logs when `copy_all` returns.
async fn copied(files: &[u64], drawing_ms: u64) -> Journal {
    let journal = Journal::new();
    let files = files.iter().map(|ms| Duration::from_millis(*ms)).collect();
    let durations = Durations { files, drawing: Duration::from_millis(drawing_ms) };
    let copying = timeout(HOUR, tokio::spawn(copy_all(durations, journal.clone()))).await;
    match copying {
        Ok(ended) => {
            ended.expect("copy_all or the display panicked: see the message above");
            journal.log("copy_all", "returns");
        }
        Err(_) => journal.log("test", "gave up after an hour: copy_all did not return"),
    }
    journal
}

/// How often the thread has had nothing to do and slept. A task that keeps checking wakes it each time.
fn times_slept() -> u64 {
    Handle::current().metrics().worker_park_count(0)
}

#[tokio::test(start_paused = true)]
async fn the_display_draws_the_newest_count_whenever_it_is_free() {
    let journal = copied(&[30, 45, 20, 60, 10, 75, 230, 15, 20], 110).await;
    assert_journal!(
        journal,
        [
            (30, "copier", "has copied 1"),
            (30, "display", "draws 1"),
            (75, "copier", "has copied 2"),
            (95, "copier", "has copied 3"),
            (140, "display", "draws 3"),
            (155, "copier", "has copied 4"),
            (165, "copier", "has copied 5"),
            (240, "copier", "has copied 6"),
            (250, "display", "draws 6"),
            (470, "copier", "has copied 7"),
            (470, "display", "draws 7"),
            (485, "copier", "has copied 8"),
            (505, "copier", "has copied 9"),
            (580, "display", "draws 9"),
            (690, "copy_all", "returns"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_display_that_takes_seconds_does_not_slow_the_copying_down() {
    let journal = copied(&[7, 16, 5, 3, 21], 2500).await;
    assert_journal!(
        journal,
        [
            (7, "copier", "has copied 1"),
            (7, "display", "draws 1"),
            (23, "copier", "has copied 2"),
            (28, "copier", "has copied 3"),
            (31, "copier", "has copied 4"),
            (52, "copier", "has copied 5"),
            (2507, "display", "draws 5"),
            (5007, "copy_all", "returns"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_fast_display_draws_every_count_once_and_sleeps_in_between() {
    let journal = copied(&[40, 95_430, 25], 10).await;
    let slept = times_slept();
    assert!(
        slept < 50,
        "three files were copied, but the thread woke up {slept} times meanwhile: \
         a task keeps checking for a new count instead of waiting for it"
    );
    assert_journal!(
        journal,
        [
            (40, "copier", "has copied 1"),
            (40, "display", "draws 1"),
            (95_470, "copier", "has copied 2"),
            (95_470, "display", "draws 2"),
            (95_495, "copier", "has copied 3"),
            (95_495, "display", "draws 3"),
            (95_505, "copy_all", "returns"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn without_files_there_is_nothing_to_draw() {
    assert_journal!(copied(&[], 110).await, [(0, "copy_all", "returns")]);
}
