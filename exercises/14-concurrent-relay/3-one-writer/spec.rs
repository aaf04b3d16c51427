//! The tests of exercise 14.3. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::HOUR;
use tokio::time::{Instant, timeout};

use super::sut::{Log, publish_all};

/// Publishes, and returns the lines of the log with the time that it took.
async fn published(events_ms: Vec<u64>) -> (Vec<String>, Duration) {
    let (log, started) = (Log::default(), Instant::now());
    timeout(HOUR, publish_all(events_ms, log.clone())).await.expect(
        "publish_all does not return, and no task can go on: does somebody keep a sender that the writer waits for?",
    );
    (log.text().lines().map(str::to_owned).collect(), started.elapsed())
}

#[tokio::test(start_paused = true)]
async fn every_line_is_whole() {
    let (lines, took) = published(vec![500, 800, 300, 800]).await;
    let expected = ["300", "500", "800", "800"].map(|ms| format!("entry: published after {ms} ms"));
    assert!(
        lines == expected,
        "when publish_all returns, the log should hold four whole lines, and does not.\n\
         expected:\n  {}\n\
         actual:\n  {}",
        expected.join("\n  "),
        lines.join("\n  ")
    );
    assert_eq!(took, Duration::from_millis(840), "800 ms for the slowest, then two lines of 20 ms");
}

#[tokio::test(start_paused = true)]
async fn a_hundred_lines_are_all_there_when_it_returns() {
    let (lines, took) = published(vec![100; 100]).await;
    let whole = lines.iter().filter(|line| *line == "entry: published after 100 ms").count();
    assert!(
        whole == 100 && lines.len() == 100,
        "100 lines were to be written when publish_all returned; there are {}, of which {whole} are whole",
        lines.len()
    );
    assert_eq!(took, Duration::from_millis(2100), "100 ms, then a hundred lines of 20 ms");
}
