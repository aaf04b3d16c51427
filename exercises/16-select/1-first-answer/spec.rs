//! The tests of exercise 16.1. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{sleep, timeout};

use super::sut::{Mirror, download};

/// A customer downloads from a mirror in Oslo and one in Rome, and leaves after `leaves_after`. Returns the journal, which
/// ends an hour later.
async fn downloaded(oslo_ms: u64, rome_ms: u64, leaves_after: Duration) -> Journal {
    let journal = Journal::new();
    let mirrors = [("Oslo", oslo_ms), ("Rome", rome_ms)];
    let mirrors = mirrors.map(|(name, takes_ms)| Mirror::new(name, takes_ms, journal.clone()));
    let told = match timeout(leaves_after, download(mirrors)).await {
        Ok(Some(file)) => format!("has {file}"),
        Ok(None) => "is told None".to_owned(),
        Err(_elapsed) => "leaves".to_owned(),
    };
    journal.log("customer", told);
    sleep(HOUR).await; // a download that still runs would log its end
    journal
}

#[tokio::test(start_paused = true)]
async fn the_first_mirror_is_faster() {
    assert_journal!(
        downloaded(130, 250, HOUR).await,
        [
            (0, "Oslo", "is asked"),
            (0, "Rome", "is asked"),
            (130, "Oslo", "has sent the file"),
            (130, "customer", "has the file from Oslo"),
            (130, "Rome", "is dropped"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_second_mirror_is_faster() {
    assert_journal!(
        downloaded(290, 57, HOUR).await,
        [
            (0, "Oslo", "is asked"),
            (0, "Rome", "is asked"),
            (57, "Rome", "has sent the file"),
            (57, "customer", "has the file from Rome"),
            (57, "Oslo", "is dropped"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_customer_waits_for_300_ms_at_most() {
    assert_journal!(
        downloaded(370, 910, HOUR).await,
        [
            (0, "Oslo", "is asked"),
            (0, "Rome", "is asked"),
            (300, "customer", "is told None"),
            (300, "Oslo", "is dropped"),
            (300, "Rome", "is dropped"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_file_just_in_time_is_returned() {
    assert_journal!(
        downloaded(9000, 293, HOUR).await,
        [
            (0, "Oslo", "is asked"),
            (0, "Rome", "is asked"),
            (293, "Rome", "has sent the file"),
            (293, "customer", "has the file from Rome"),
            (293, "Oslo", "is dropped"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn when_the_customer_leaves_no_download_goes_on() {
    // The future of `download` is dropped at 70 ms.
    assert_journal!(
        downloaded(130, 250, Duration::from_millis(70)).await,
        [
            (0, "Oslo", "is asked"),
            (0, "Rome", "is asked"),
            (70, "customer", "leaves"),
            (70, "Oslo", "is dropped"),
            (70, "Rome", "is dropped"),
        ]
    );
}
