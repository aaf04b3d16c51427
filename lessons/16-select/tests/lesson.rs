//! What lesson 16 claims, each claim a test: all entries with exact milliseconds, on the paused clock.

use std::io;
use std::time::Duration;

use lesson_16::frames::{self, Frames, in_pieces};
use lesson_16::{batch, patience, race, relay, story, wrong};
use shared::{HOUR, Journal, Pace, assert_journal};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};

const STUCK: &str = "no task can make progress";

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[tokio::test(start_paused = true)]
async fn the_first_to_finish_wins_and_the_other_is_dropped() {
    let journal = Journal::new();
    assert_eq!(timeout(HOUR, race::fastest(&journal)).await.expect(STUCK), "mirror 2");
    assert_journal!(journal, [(100, "mirror 2", "has sent the file"), (100, "mirror 1", "is dropped")]);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_a_race_with_a_sleep() {
    let journal = Journal::new();
    assert_eq!(race::within(ms(100), race::download("soon", 99, &journal)).await, Some("soon"));
    assert_eq!(race::within(ms(100), race::download("on time", 100, &journal)).await, Some("on time"));
    assert_eq!(race::within(ms(100), race::download("late", 101, &journal)).await, None);
    assert_journal!(
        journal,
        [
            (99, "soon", "has sent the file"),
            (199, "on time", "has sent the file"),
            (299, "late", "is dropped")
        ]
    );
    assert!(timeout(ms(100), race::download("late", 101, &Journal::new())).await.is_err());
    assert!(timeout(ms(100), race::download("on time", 100, &Journal::new())).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn wrong_a_branch_that_receives_and_then_awaits_loses_orders() {
    let (journal, (tx, rx)) = (Journal::new(), mpsc::channel(3));
    let both = async {
        tokio::join!(relay::send_three(tx, journal.clone()), wrong::lost_in_the_loop(rx, journal.clone()))
    };
    timeout(HOUR, both).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "relay", "heartbeat"),
            (10, "shop", "sends order 1"),
            (10, "relay", "looks up order 1"),
            (70, "relay", "publishes order 1"),
            (100, "relay", "heartbeat"),
            (170, "shop", "sends order 2"),
            (170, "relay", "looks up order 2"),
            (200, "relay", "drops order 2"),
            (200, "relay", "heartbeat"),
            (270, "shop", "sends order 3"),
            (270, "relay", "looks up order 3"),
            (300, "relay", "drops order 3"),
            (300, "relay", "heartbeat"),
            (350, "shop", "closes the channel"),
            (350, "relay", "ends with the channel"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_branch_that_only_receives_loses_nothing_and_the_relay_ends() {
    let (journal, (tx, rx)) = (Journal::new(), mpsc::channel(3));
    let both =
        async { tokio::join!(relay::send_three(tx, journal.clone()), relay::relay(rx, journal.clone())) };
    timeout(HOUR, both).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "relay", "heartbeat"),
            (10, "shop", "sends order 1"),
            (10, "relay", "looks up order 1"),
            (70, "relay", "publishes order 1"),
            (100, "relay", "heartbeat"),
            (170, "shop", "sends order 2"),
            (170, "relay", "looks up order 2"),
            (230, "relay", "publishes order 2"),
            (230, "relay", "heartbeat"), // due at 200, but the handler was running
            (270, "shop", "sends order 3"),
            (270, "relay", "looks up order 3"),
            (330, "relay", "publishes order 3"),
            (330, "relay", "heartbeat"),
            (350, "shop", "closes the channel"),
            (350, "relay", "ends with the channel"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_sleep_in_the_loop_is_an_idle_timer() {
    let (journal, (tx, rx)) = (Journal::new(), mpsc::channel(3));
    let sending = tokio::spawn(batch::send_every_20_s(tx, Pace::FULL));
    let closing = wrong::idle_timer(rx, journal.clone(), Pace::FULL);
    assert_eq!(timeout(HOUR, closing).await.expect(STUCK), [1, 2, 3, 4]);
    assert_journal!(
        journal,
        [
            (0, "batch", "opens"),
            (20_000, "batch", "takes order 1"),
            (40_000, "batch", "takes order 2"),
            (60_000, "batch", "takes order 3"),
            (80_000, "batch", "takes order 4"),
            (110_000, "batch", "closes with [1, 2, 3, 4]"),
        ]
    );
    sending.abort();
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_is_computed_before_the_loop_holds() {
    let (journal, (tx, rx)) = (Journal::new(), mpsc::channel(3));
    let sending = tokio::spawn(batch::send_every_20_s(tx, Pace::FULL));
    let closing = batch::collect(rx, journal.clone(), Pace::FULL);
    assert_eq!(timeout(HOUR, closing).await.expect(STUCK), [1]);
    assert_journal!(
        journal,
        [(0, "batch", "opens"), (20_000, "batch", "takes order 1"), (30_000, "batch", "closes with [1]")]
    );
    sending.abort();
}

#[tokio::test(start_paused = true)]
async fn a_batch_closes_when_the_channel_ends() {
    let (journal, (tx, rx)) = (Journal::new(), mpsc::channel(3));
    tx.send(1).await.unwrap();
    drop(tx);
    assert_eq!(batch::collect(rx, journal.clone(), Pace::FULL).await, [1]);
    assert_journal!(
        journal,
        [(0, "batch", "opens"), (0, "batch", "takes order 1"), (0, "batch", "closes with [1]")]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_publish_that_each_iteration_creates_starts_again() {
    let journal = Journal::new();
    let ended = timeout(ms(350), wrong::starts_again(&journal)).await;
    assert!(ended.is_err(), "it takes 250 ms, and gets 100 ms each time");
    assert_journal!(
        journal,
        [
            (0, "broker", "receives order 1"),
            (100, "relay", "is still waiting"),
            (100, "broker", "receives order 1"),
            (200, "relay", "is still waiting"),
            (200, "broker", "receives order 1"),
            (300, "relay", "is still waiting"),
            (300, "broker", "receives order 1"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_future_polled_by_reference_keeps_its_progress() {
    let journal = Journal::new();
    timeout(HOUR, patience::wait_for_one(&journal)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "broker", "receives order 1"),
            (100, "relay", "is still waiting"),
            (200, "relay", "is still waiting"),
            (250, "broker", "confirms order 1"),
            (250, "relay", "has the confirmation"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_handler_that_waits_for_what_a_branch_holds_hangs() {
    let journal = Journal::new();
    assert!(timeout(HOUR, wrong::locked_out(&journal)).await.is_err(), "an hour later it is still waiting");
    assert_journal!(journal, [(100, "relay", "waits for the lock")]);
}

// ANCHOR: half-a-frame
#[tokio::test(start_paused = true)]
async fn wrong_half_a_frame_is_dropped_and_the_rest_is_misread() {
    let journal = Journal::new();
    let listened = wrong::half_a_frame(in_pieces(), &journal).await;
    // "\x07ord" was dropped at 50 ms. The next byte, 'e' or 101, is taken for a length, and fewer bytes follow.
    assert_eq!(listened.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    assert_journal!(journal, [(0, "listener", "heartbeat"), (50, "listener", "heartbeat")]);
}
// ANCHOR_END: half-a-frame

#[tokio::test(start_paused = true)]
async fn bytes_that_were_read_are_kept_and_both_frames_arrive() {
    let journal = Journal::new();
    timeout(HOUR, frames::listen(in_pieces(), &journal)).await.expect(STUCK).unwrap();
    assert_journal!(
        journal,
        [
            (0, "listener", "heartbeat"),
            (50, "listener", "heartbeat"),
            (80, "listener", "reads \"order 1\""),
            (80, "listener", "reads \"order 2\""),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn frames_arrive_whole_wherever_they_are_cut_and_however_often_the_read_is_dropped() {
    let sent = b"\x07order 1\x00\x07order 2";
    for cut in 1..sent.len() {
        let mut io = tokio_test::io::Builder::new();
        io.read(&sent[..cut]).wait(ms(75)).read(&sent[cut..]);
        let (mut frames, mut received) = (Frames::new(io.build()), Vec::new());
        loop {
            // Dropped after 50 ms, and started again.
            match timeout(ms(50), frames.next()).await {
                Ok(Ok(Some(frame))) => received.push(frame),
                Ok(end) => break assert!(end.unwrap().is_none()),
                Err(_elapsed) => {}
            }
        }
        assert_eq!(received, ["order 1", "", "order 2"], "cut after {cut} bytes");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_ends_in_the_middle_of_a_frame_is_an_error() {
    let io = tokio_test::io::Builder::new().read(b"\x07ord").build();
    let ended = Frames::new(io).next().await;
    assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
}

#[tokio::test(start_paused = true)]
async fn two_runs_write_the_same_journal() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let (journal, started, (tx, rx)) = (Journal::new(), Instant::now(), mpsc::channel(3));
        tokio::join!(relay::send_three(tx, journal.clone()), relay::relay(rx, journal.clone()));
        assert_eq!(started.elapsed(), ms(350));
        runs.push(journal.entries().into_iter().map(|entry| (entry.at_ms, entry.what)).collect::<Vec<_>>());
    }
    assert_eq!(runs[0], runs[1]);
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}

#[test]
fn every_claim_is_kept_in_every_schedule_by_the_right_version_only() {
    lesson_16::schedule::claims().assert_kept(env!("CARGO_MANIFEST_DIR"));
}
