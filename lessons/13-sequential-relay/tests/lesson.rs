//! Each claim of lesson 13 is a test: whole journals with exact milliseconds, on the paused clock. Tests that write to a
//! file run on the real clock.

use std::fs;
use std::path::Path;
use std::time::Duration;

use chrono::{Local, NaiveDate, NaiveDateTime, TimeDelta};
use lesson_13::event::{Cents, InvalidAmount, OutboxEvent, outbox};
use lesson_13::log::Log;
use lesson_13::story::invalid_second;
use lesson_13::{relay, story, wrong};
use shared::{HOUR, Journal, Pace, assert_artifact, assert_journal};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{Instant, timeout};

const STUCK: &str = "no task can make progress";

/// Nine o'clock, plus the time that has passed on the paused clock.
fn from_nine_o_clock() -> impl Fn() -> NaiveDateTime {
    let (start, nine) = (Instant::now(), NaiveDate::from_ymd_opt(2026, 1, 15).unwrap().and_hms_opt(9, 0, 0));
    move || nine.unwrap() + TimeDelta::from_std(start.elapsed()).unwrap()
}

/// Relays the events, starting at nine o'clock, and returns the log.
async fn relayed(events: Vec<OutboxEvent>, journal: &Journal) -> String {
    let mut log = Log::new(Vec::new(), from_nine_o_clock());
    let relaying = relay::relay(events, &mut log, journal.clone(), Pace::FULL);
    timeout(HOUR, relaying).await.expect(STUCK).expect("memory can be written");
    String::from_utf8(log.into_inner()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn four_events_one_after_another_take_2_4_seconds() {
    let journal = Journal::new();
    let log = relayed(outbox(), &journal).await;
    assert_journal!(
        journal,
        [
            (500, "relay", "relayed upload: report.pdf"),
            (1300, "relay", "payment of $12.50 processed"),
            (1600, "relay", "notification delivered: your report is ready"),
            (2400, "relay", "Error: invalid payment amount"),
        ]
    );
    let page = format!("# ANCHOR: log\n{log}# ANCHOR_END: log\n");
    assert_artifact(Path::new(env!("CARGO_MANIFEST_DIR")).join("log.txt"), &page);
}

#[tokio::test(start_paused = true)]
async fn two_runs_give_the_same_journal_and_the_same_log() {
    let (first, second) = (Journal::new(), Journal::new());
    let logs = [relayed(outbox(), &first).await, relayed(outbox(), &second).await];
    let entries = |journal: &Journal| -> Vec<String> {
        journal.entries().into_iter().map(|entry| entry.what).collect()
    };
    assert_eq!(entries(&first), entries(&second));
    assert_eq!(logs[0], logs[1]);
}

#[tokio::test(start_paused = true)]
async fn a_payment_is_checked_after_its_800_ms() {
    for cents in [0, -1, i64::MIN] {
        let started = Instant::now();
        let published = OutboxEvent::Payment(Cents(cents)).publish(Pace::FULL).await;
        assert_eq!(published, Err(InvalidAmount), "{cents} cents");
        assert_eq!(started.elapsed(), Duration::from_millis(800));
    }
    let published = OutboxEvent::Payment(Cents(1)).publish(Pace::FULL).await;
    assert_eq!(published.as_deref(), Ok("payment of $0.01 processed"));
}

#[tokio::test(start_paused = true)]
async fn an_invalid_event_does_not_stop_the_ones_after_it() {
    let journal = Journal::new();
    relayed(invalid_second(), &journal).await;
    assert_journal!(
        journal,
        [
            (500, "relay", "relayed upload: report.pdf"),
            (1300, "relay", "Error: invalid payment amount"),
            (1600, "relay", "notification delivered: your report is ready"),
            (2400, "relay", "payment of $12.50 processed"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_the_first_error_ends_the_relay() {
    let journal = Journal::new();
    let relaying = wrong::ends_at_the_first_error(invalid_second(), journal.clone(), Pace::FULL);
    assert_eq!(timeout(HOUR, relaying).await.expect(STUCK), Err(InvalidAmount));
    assert_journal!(journal, [(500, "relay", "relayed upload: report.pdf")]);
}

#[tokio::test(start_paused = true)]
async fn wrong_floating_point_loses_a_cent_and_accepts_nan() {
    let journal = Journal::new();
    timeout(HOUR, wrong::float_money(journal.clone(), Pace::FULL)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "till", "takes 19.99"),
            (800, "relay", "payment of $19.98 processed"),
            (800, "till", "takes NaN"),
            (1600, "relay", "payment of $0.00 processed"),
        ]
    );
}

#[test]
fn rounding_fixes_the_cent_and_not_the_nan() {
    assert_eq!((19.99_f64 * 100.0).to_string(), "1998.9999999999998");
    assert_eq!((19.99_f64 * 100.0).round() as i64, 1999);
    assert_eq!(f64::NAN.partial_cmp(&0.0), None); // so `NAN <= 0.0` is false
    assert_eq!(f64::NAN.round() as i64, 0);
}

// ANCHOR: sums
#[test]
fn wrong_ten_payments_of_ten_cents_are_not_a_dollar() {
    assert_eq!(wrong::ten_times_ten_cents().to_string(), "0.9999999999999999");
    assert_eq!([10; 10].iter().sum::<i64>(), 100); // in whole cents they are
}
// ANCHOR_END: sums

#[test]
fn cents_are_printed_as_dollars() {
    let printed = [1250, 5, 100, 0, -300, -5].map(|cents| Cents(cents).to_string());
    assert_eq!(printed, ["$12.50", "$0.05", "$1.00", "$0.00", "-$3.00", "-$0.05"]);
    assert_eq!(Cents(i64::MIN).to_string(), "-$92233720368547758.08");
}

// ANCHOR: unflushed
#[tokio::test(start_paused = true)]
async fn wrong_a_buffer_that_is_never_flushed_loses_its_lines() {
    let (mut out, now) = (Vec::new(), from_nine_o_clock()());
    wrong::log_unflushed(&mut out, now, "relayed upload: report.pdf").await.unwrap();
    assert_eq!(out, b""); // and there was no error
}
// ANCHOR_END: unflushed

// ANCHOR: flush
#[tokio::test]
async fn a_write_that_fails_is_reported_by_flush() {
    let path = tempfile::NamedTempFile::new().unwrap();
    let mut file = tokio::fs::File::open(&path).await.unwrap(); // open for reading only
    file.write_all(b"relayed upload: report.pdf\n").await.unwrap(); // no error yet
    file.flush().await.unwrap_err();
}
// ANCHOR_END: flush

#[tokio::test(start_paused = true)]
async fn an_append_that_is_dropped_may_leave_half_a_line() {
    let (out, mut written) = tokio::io::duplex(8); // takes 8 bytes until they are read
    let mut log = Log::new(out, from_nine_o_clock());
    timeout(Duration::from_millis(10), log.append("relayed upload: report.pdf")).await.unwrap_err();
    drop(log);
    let mut line = String::new();
    written.read_to_string(&mut line).await.unwrap();
    assert_eq!(line, "[2026-01");
}

#[test]
fn the_buffer_of_the_standard_library_is_flushed_when_it_is_dropped() {
    let mut out = Vec::new();
    std::io::Write::write_all(&mut std::io::BufWriter::new(&mut out), b"a line\n").unwrap();
    assert_eq!(out, b"a line\n");
}

#[tokio::test(start_paused = true)]
async fn an_entry_is_one_line_whatever_it_contains() {
    let mut log = Log::new(Vec::new(), from_nine_o_clock());
    log.append("relayed upload: a\nb\r\nc").await.unwrap();
    let written = String::from_utf8(log.into_inner()).unwrap();
    assert_eq!(written, "[2026-01-15 09:00:00] relayed upload: a b  c\n");
}

/// Splits a line of the log into its time and its entry.
#[track_caller]
fn parsed(line: &str) -> (NaiveDateTime, &str) {
    let (stamp, entry) = line.strip_prefix('[').and_then(|line| line.split_once("] ")).expect(line);
    (NaiveDateTime::parse_from_str(stamp, "%Y-%m-%d %H:%M:%S").expect(line), entry)
}

#[tokio::test] // the real clock: this test waits for a disk
async fn the_log_file_grows_by_one_line_per_event_with_the_local_time() {
    let folder = tempfile::tempdir().unwrap();
    let events = || vec![OutboxEvent::Notification("your report is ready".to_owned())];
    let before = Local::now().naive_local() - TimeDelta::seconds(1); // a stamp has no fraction
    for _ in 0..2 {
        relay::relay_to_file(events(), folder.path().to_owned(), Journal::new()).await.unwrap();
    }
    let after = Local::now().naive_local();

    let written = fs::read_to_string(folder.path().join("sync_log.txt")).unwrap();
    assert_eq!(written.lines().count(), 2, "the second run appends");
    assert!(written.ends_with('\n'));
    for (stamp, entry) in written.lines().map(parsed) {
        assert_eq!(entry, "notification delivered: your report is ready");
        assert!(before <= stamp && stamp <= after, "{stamp} is not between {before} and {after}");
    }
}

#[tokio::test]
async fn an_error_names_the_file_that_cannot_be_opened() {
    let folder = tempfile::tempdir().unwrap().path().join("gone");
    let error = relay::relay_to_file(outbox(), folder, Journal::new()).await.unwrap_err();
    assert!(error.to_string().contains("sync_log.txt"), "{error}");
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}
