//! What lesson 16 claims, each claim a test: the whole story with exact milliseconds, on the paused clock.

use std::io;
use std::time::Duration;

use lesson_16::frames::{self, Frames, in_pieces};
use lesson_16::{batch, busy, patience, race, relay, story, wrong};
use shared::{HOUR, Journal, Pace, assert_journal};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, timeout};
use tokio_test::{assert_pending, assert_ready_eq};

const STUCK: &str = "no task can go on";

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[tokio::test(start_paused = true)]
async fn the_first_to_finish_wins_and_the_other_is_dropped() {
    let journal = Journal::new();
    assert_eq!(timeout(HOUR, race::fastest(&journal)).await.expect(STUCK), "mirror 2");
    assert_journal!(journal, [(100, "mirror 2", "has the file"), (100, "mirror 1", "is dropped")]);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_a_race_with_a_sleep() {
    let journal = Journal::new();
    assert_eq!(race::within(ms(100), race::download("soon", 99, &journal)).await, Some("soon"));
    assert_eq!(race::within(ms(100), race::download("on time", 100, &journal)).await, Some("on time"));
    assert_eq!(race::within(ms(100), race::download("late", 101, &journal)).await, None);
    assert_journal!(
        journal,
        [(99, "soon", "has the file"), (199, "on time", "has the file"), (299, "late", "is dropped")]
    );
    let of_tokio = timeout(ms(100), race::download("late", 101, &Journal::new())).await;
    assert!(of_tokio.is_err());
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
            (0, "relay", "beat"),
            (10, "shop", "sends order 1"),
            (10, "relay", "looks up order 1"),
            (70, "relay", "published order 1"),
            (100, "relay", "beat"),
            (170, "shop", "sends order 2"),
            (170, "relay", "looks up order 2"),
            (200, "relay", "order 2 is dropped"),
            (200, "relay", "beat"),
            (270, "shop", "sends order 3"),
            (270, "relay", "looks up order 3"),
            (300, "relay", "order 3 is dropped"),
            (300, "relay", "beat"),
            (350, "shop", "closes"),
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
            (0, "relay", "beat"),
            (10, "shop", "sends order 1"),
            (10, "relay", "looks up order 1"),
            (70, "relay", "published order 1"),
            (100, "relay", "beat"),
            (170, "shop", "sends order 2"),
            (170, "relay", "looks up order 2"),
            (230, "relay", "published order 2"),
            (230, "relay", "beat"), // due at 200: the handler was at work
            (270, "shop", "sends order 3"),
            (270, "relay", "looks up order 3"),
            (330, "relay", "published order 3"),
            (330, "relay", "beat"),
            (350, "shop", "closes"),
            (350, "relay", "ends with the channel"),
        ]
    );
}

// ANCHOR: cancel-safe
#[tokio::test(start_paused = true)]
async fn a_dropped_recv_takes_nothing() {
    let (tx, mut rx) = mpsc::channel(3);
    let mut receiving = tokio_test::task::spawn(rx.recv());
    assert_pending!(receiving.poll());
    tx.send("order 1").await.unwrap();
    drop(receiving); // woken, and not polled again
    assert_eq!(rx.recv().await, Some("order 1"));
}
// ANCHOR_END: cancel-safe

#[tokio::test(start_paused = true)]
async fn wrong_a_closed_channel_only_disables_its_branch() {
    let (journal, (tx, rx)) = (Journal::new(), mpsc::channel(3));
    drop(tx);
    let ended = timeout(ms(250), wrong::never_ends(rx, journal.clone())).await;
    assert!(ended.is_err(), "the channel was closed at 0 ms");
    assert_journal!(journal, [(0, "relay", "beat"), (100, "relay", "beat"), (200, "relay", "beat")]);
}

#[tokio::test(start_paused = true)]
#[should_panic(expected = "all branches are disabled and there is no else branch")]
async fn wrong_without_an_else_the_last_branch_takes_the_task_with_it() {
    let (tx, rx) = mpsc::channel(3);
    drop(tx);
    wrong::no_else(rx).await;
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
            (0, "batch", "is begun"),
            (20_000, "batch", "takes order 1"),
            (40_000, "batch", "takes order 2"),
            (60_000, "batch", "takes order 3"),
            (80_000, "batch", "takes order 4"),
            (110_000, "batch", "is closed, orders: 4"),
        ]
    );
    sending.abort();
}

#[tokio::test(start_paused = true)]
async fn a_deadline_before_the_loop_is_kept() {
    let (journal, (tx, rx)) = (Journal::new(), mpsc::channel(3));
    let sending = tokio::spawn(batch::send_every_20_s(tx, Pace::FULL));
    let closing = batch::collect(rx, journal.clone(), Pace::FULL);
    assert_eq!(timeout(HOUR, closing).await.expect(STUCK), [1]);
    assert_journal!(
        journal,
        [
            (0, "batch", "is begun"),
            (20_000, "batch", "takes order 1"),
            (30_000, "batch", "is closed, orders: 1")
        ]
    );
    sending.abort();
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_closed_when_the_channel_ends() {
    let (journal, (tx, rx)) = (Journal::new(), mpsc::channel(3));
    tx.send(1).await.unwrap();
    drop(tx);
    assert_eq!(batch::collect(rx, journal.clone(), Pace::FULL).await, [1]);
    assert_journal!(
        journal,
        [(0, "batch", "is begun"), (0, "batch", "takes order 1"), (0, "batch", "is closed, orders: 1")]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_publish_that_is_made_in_each_turn_starts_again() {
    let journal = Journal::new();
    let ended = timeout(ms(350), wrong::starts_again(&journal)).await;
    assert!(ended.is_err(), "it takes 250 ms, and gets 100 ms each time");
    assert_journal!(
        journal,
        [
            (0, "broker", "gets order 1"),
            (100, "relay", "still waits"),
            (100, "broker", "gets order 1"),
            (200, "relay", "still waits"),
            (200, "broker", "gets order 1"),
            (300, "relay", "still waits"),
            (300, "broker", "gets order 1"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_borrowed_future_goes_on_where_it_was() {
    let journal = Journal::new();
    timeout(HOUR, patience::wait_for_one(&journal)).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "broker", "gets order 1"),
            (100, "relay", "still waits"),
            (200, "relay", "still waits"),
            (250, "broker", "confirms order 1"),
            (250, "relay", "has its confirmation"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_handler_that_wants_what_a_branch_holds_waits_for_ever() {
    let journal = Journal::new();
    assert!(timeout(HOUR, wrong::locked_out(&journal)).await.is_err(), "an hour later it still waits");
    assert_journal!(journal, [(100, "relay", "wants the lock too")]);
}

// ANCHOR: half-a-frame
#[tokio::test(start_paused = true)]
async fn wrong_half_a_frame_is_dropped_and_the_rest_makes_no_sense() {
    let journal = Journal::new();
    let listened = wrong::half_a_frame(in_pieces(), &journal).await;
    // "ord" was dropped at 50 ms. The next byte is an 'e', which is 101: no frame is that long here.
    assert_eq!(listened.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    assert_journal!(journal, [(0, "listener", "beat"), (50, "listener", "beat")]);
}
// ANCHOR_END: half-a-frame

#[tokio::test(start_paused = true)]
async fn what_was_read_is_kept_and_both_frames_come() {
    let journal = Journal::new();
    timeout(HOUR, frames::listen(in_pieces(), &journal)).await.expect(STUCK).unwrap();
    assert_journal!(
        journal,
        [
            (0, "listener", "beat"),
            (50, "listener", "beat"),
            (80, "listener", "got \"order 1\""),
            (80, "listener", "got \"order 2\""),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn frames_come_whole_wherever_they_are_cut_and_however_often_the_read_is_dropped() {
    let sent = b"\x07order 1\x00\x07order 2";
    for cut in 1..sent.len() {
        let mut io = tokio_test::io::Builder::new();
        io.read(&sent[..cut]).wait(ms(75)).read(&sent[cut..]);
        let (mut frames, mut received) = (Frames::new(io.build()), Vec::new());
        loop {
            // Dropped after 50 ms, and begun again.
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
async fn a_connection_that_ends_within_a_frame_is_an_error() {
    let io = tokio_test::io::Builder::new().read(b"\x07ord").build();
    let ended = Frames::new(io).next().await;
    assert_eq!(ended.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
}

/// A channel with so many orders, and one that says stop.
async fn busy_and_stopped(orders: u32) -> ((mpsc::Sender<u32>, mpsc::Receiver<u32>), oneshot::Receiver<()>) {
    let (tx, rx) = mpsc::channel(1000);
    for order in 0..orders {
        tx.send(order).await.unwrap();
    }
    let (stop, stopped) = oneshot::channel();
    stop.send(()).unwrap();
    ((tx, rx), stopped)
}

// ANCHOR: biased
#[tokio::test(start_paused = true)]
async fn who_stands_first_wins() {
    let ((_open, orders), stop) = busy_and_stopped(1000).await;
    assert_eq!(busy::stop_first(orders, stop).await, 0);

    let ((_open, orders), stop) = busy_and_stopped(1000).await;
    assert_eq!(wrong::orders_first(orders, stop).await, 1000); // and it was told before the first
}

#[tokio::test(start_paused = true)]
async fn without_biased_each_of_two_that_are_ready_wins_about_half_the_time() {
    let (((_one, mut first), _), ((_two, mut second), _)) =
        (busy_and_stopped(1000).await, busy_and_stopped(1000).await);
    let mut wins = 0;
    for _ in 0..1000 {
        wins += u32::from(busy::of_two_ready(&mut first, &mut second).await == 1);
    }
    assert!((300..=700).contains(&wins), "the first one won {wins} times of 1000");
}
// ANCHOR_END: biased

#[tokio::test(start_paused = true)]
async fn polled_by_hand_a_race_is_pending_until_one_is_ready() {
    let mut racing = tokio_test::task::spawn(race::within(ms(100), sleep(ms(50))));
    assert_pending!(racing.poll());
    sleep(ms(50)).await;
    assert!(racing.is_woken());
    assert_ready_eq!(racing.poll(), Some(()));
}

#[tokio::test(start_paused = true)]
async fn two_runs_give_the_same_journal() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let (journal, started, (tx, rx)) = (Journal::new(), Instant::now(), mpsc::channel(3));
        tokio::join!(relay::send_three(tx, journal.clone()), relay::relay(rx, journal.clone()));
        assert_eq!(started.elapsed(), ms(350));
        runs.push(journal.entries().into_iter().map(|note| (note.at_ms, note.what)).collect::<Vec<_>>());
    }
    assert_eq!(runs[0], runs[1]);
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}
