//! The relay on a paused clock: the whole story, to the millisecond.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use capstone_outbox::memory::MemoryStore;
use capstone_outbox::relay::{Exhausted, RelayError, Report, RetryConfig};
use capstone_outbox::store::Lane;
use capstone_outbox::{Message, Relay, RelayConfig, Sink, SinkError};
use tokio::time::{Instant, sleep, timeout};

use crate::shaky::Shaky;
use crate::support::{Scripted, figures, message, ms};

const HOUR: Duration = Duration::from_secs(3_600);

fn store(messages: impl IntoIterator<Item = Message>) -> Arc<MemoryStore> {
    let store = MemoryStore::new();
    store.enqueue(messages);
    Arc::new(store)
}

/// Ten attempts within minutes, so that a test sees their end.
fn impatient() -> RelayConfig {
    let retry = RetryConfig::default().attempts_max(10).cap(Duration::from_secs(60));
    RelayConfig::default().retry(retry)
}

async fn run<K: Sink>(store: &Arc<MemoryStore>, sink: &Arc<K>, config: RelayConfig) -> Report {
    let mut relay = Relay::new(Arc::clone(store), Arc::clone(sink), config).unwrap();
    let run = timeout(HOUR, relay.run_until_empty(pending()));
    run.await.expect("the relay hangs").unwrap()
}

/// Full jitter makes the pauses random: a test asks for the order, and for bounds of the times.
fn payloads(story: &[String]) -> Vec<&str> {
    story.iter().map(|line| line.trim_start().split_once(' ').unwrap().1).collect()
}

#[tokio::test(start_paused = true)]
async fn keys_go_side_by_side_and_each_in_order() {
    let rows = [("a", "a1"), ("a", "a2"), ("b", "b1"), ("", "x"), ("", "y"), ("b", "b2")];
    let store = store(rows.map(|(key, payload)| message(key, payload)));
    let sink = Scripted::new(|row, _| {
        let takes = match &row.payload[..] {
            b"a1" => 100,
            b"a2" => 10,
            b"b1" => 30,
            b"b2" => 31,
            b"x" => 5,
            _ => 6,
        };
        (ms(takes), Ok(()))
    });
    let report = run(&store, &sink, RelayConfig::default()).await;
    let told = ["   5 x ok", "   6 y ok", "  30 b1 ok", "  61 b2 ok", " 100 a1 ok", " 110 a2 ok"];
    assert_eq!(sink.story(), told);
    assert_eq!(figures(report), [6, 0, 0, 0]);
    assert_eq!(store.waiting(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_failing_key_waits_and_the_others_do_not() {
    let rows = [("bad", "b1"), ("bad", "b2"), ("good", "g1"), ("good", "g2")];
    let store = store(rows.map(|(key, payload)| message(key, payload)));
    let sink = Scripted::new(|row, before| match (&row.payload[..], before) {
        (b"b1", 0..3) => (ms(1), Err(SinkError::Retryable("busy".into()))),
        _ => (ms(1), Ok(())),
    });
    let report = run(&store, &sink, RelayConfig::default()).await;
    let story = sink.story();
    assert_eq!(payloads(&story)[2..], ["g2 ok", "b1 busy", "b1 busy", "b1 ok", "b2 ok"]);
    assert_eq!(story[2], "   2 g2 ok", "the good key does not wait");
    assert_eq!((report.published, report.failed, store.waiting()), (4, 3, 0));
}

#[tokio::test(start_paused = true)]
async fn a_key_that_has_failed_for_good_is_parked_with_all_behind_it() {
    let store = store([("k", "1"), ("k", "2"), ("other", "o")].map(|(key, payload)| message(key, payload)));
    let sink = Scripted::new(|row, _| match &row.payload[..] {
        b"1" => (ms(1), Err(SinkError::Retryable("no".into()))),
        _ => (ms(1), Ok(())),
    });
    let report = run(&store, &sink, impatient()).await;
    assert_eq!(figures(report), [1, 10, 1, 0]);
    assert_eq!(store.waiting(), 2, "the failed message and the one behind it");

    // A later message of the key queues behind them, and a new owner knows that the key is parked.
    store.enqueue([message("k", "3")]);
    let report = run(&store, &sink, impatient()).await;
    assert_eq!((report.published, report.failed, store.waiting()), (0, 0, 3));
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_lets_its_key_go_on() {
    let store = store([("k", "1"), ("k", "2"), ("", "x")].map(|(key, payload)| message(key, payload)));
    let sink = Scripted::new(|row, _| match &row.payload[..] {
        b"2" => (ms(1), Ok(())),
        _ => (ms(1), Err(SinkError::Permanent("too large".into()))),
    });
    let retry = RetryConfig::default().keyed(Exhausted::Bury);
    let report = run(&store, &sink, RelayConfig::default().retry(retry)).await;
    assert_eq!(figures(report), [1, 2, 0, 2]);
    let dead: Vec<_> = store.buried().iter().map(|dead| (dead.envelope.seq.0, dead.attempts)).collect();
    assert_eq!(dead, [(1, 1), (3, 1)], "a permanent failure is not tried again");
}

#[tokio::test(start_paused = true)]
async fn attempts_survive_a_restart() {
    let store = store([message("k", "1")]);
    let sink = Scripted::new(|_, _| (ms(1), Err(SinkError::Retryable("no".into()))));
    let mut failed = 0;
    while failed < 4 {
        // Each relay is stopped after its first failure.
        let mut relay = Relay::new(Arc::clone(&store), Arc::clone(&sink), impatient()).unwrap();
        let progress = relay.progress();
        let stop = async move {
            while progress.failed() == 0 {
                sleep(ms(1)).await;
            }
        };
        failed += relay.run(stop).await.unwrap().failed;
    }
    let report = run(&store, &sink, impatient()).await;
    assert_eq!((report.failed, report.parked), (10 - failed, 1), "ten attempts in all");
}

#[tokio::test(start_paused = true)]
async fn a_sink_that_is_down_costs_no_attempt_and_is_probed() {
    let store = store((0..50).map(|n| message(&format!("k{n}"), &format!("m{n}"))));
    let start = Instant::now();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let sink = Scripted::new(move |_, _| {
        counted.fetch_add(1, Ordering::Relaxed);
        let is_down = start.elapsed() < Duration::from_secs(30);
        (ms(1), if is_down { Err(SinkError::Unavailable("refused".into())) } else { Ok(()) })
    });
    let report = run(&store, &sink, RelayConfig::default()).await;
    assert_eq!((report.published, report.failed), (50, 0));
    let tries = calls.load(Ordering::Relaxed);
    // 50 at once, then single probes: their pauses double, so 30 s hold some 9 and, with full jitter, hardly 60.
    assert!(tries < 50 + 60 + 50, "{tries} calls");
}

#[tokio::test(start_paused = true)]
async fn a_panic_and_a_missing_answer_are_failures_of_one_message() {
    struct Rude(AtomicUsize);
    impl Sink for Rude {
        async fn publish(
            &self,
            message: &capstone_outbox::Envelope,
            _attempt: capstone_outbox::Attempt,
        ) -> Result<(), SinkError> {
            match (&message.payload[..], self.0.fetch_add(1, Ordering::Relaxed)) {
                (b"panics", 0..2) => panic!("at the disco"),
                (b"hangs", 0..2) => pending().await,
                _ => Ok(()),
            }
        }
    }
    let store = store([message("p", "panics"), message("h", "hangs"), message("n", "normal")]);
    let report = run(&store, &Arc::new(Rude(AtomicUsize::new(0))), RelayConfig::default()).await;
    assert_eq!((report.published, report.failed, store.waiting()), (3, 2, 0));
}

#[tokio::test(start_paused = true)]
async fn never_more_than_the_window_and_never_two_of_a_key() {
    #[derive(Default)]
    struct Gauge {
        now: AtomicUsize,
        most: AtomicUsize,
        of_key: [AtomicUsize; 7],
    }
    impl Sink for Gauge {
        async fn publish(
            &self,
            message: &capstone_outbox::Envelope,
            _attempt: capstone_outbox::Attempt,
        ) -> Result<(), SinkError> {
            let key: usize = message.key.as_ref().unwrap().parse().unwrap();
            self.most.fetch_max(self.now.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            assert_eq!(self.of_key[key].fetch_add(1, Ordering::Relaxed), 0, "two of key {key} at once");
            sleep(ms(3)).await;
            self.of_key[key].fetch_sub(1, Ordering::Relaxed);
            self.now.fetch_sub(1, Ordering::Relaxed);
            Ok(())
        }
    }
    let store = store((0..500).map(|n| message(&(n % 7).to_string(), &n.to_string())));
    let sink = Arc::new(Gauge::default());
    let config = RelayConfig::default().window_rows(5).fetch_rows(3);
    let report = run(&store, &sink, config).await;
    assert_eq!((report.published, report.failed), (500, 0));
    assert_eq!(sink.most.load(Ordering::Relaxed), 5);
}

#[tokio::test(start_paused = true)]
async fn a_stop_finishes_what_is_under_way_and_starts_nothing() {
    let store = store((0..10).map(|n| message("k", &n.to_string())));
    let sink = Scripted::new(|_, _| (ms(100), Ok(())));
    let mut relay = Relay::new(Arc::clone(&store), Arc::clone(&sink), RelayConfig::default()).unwrap();
    let report = relay.run(sleep(ms(250))).await.unwrap();
    assert_eq!(figures(report), [3, 0, 0, 0]);
    assert_eq!(sink.story(), [" 100 0 ok", " 200 1 ok", " 300 2 ok"]);
    assert_eq!(store.waiting(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_stop_gives_up_at_its_deadline() {
    let store = store([message("k", "slow")]);
    let sink = Scripted::new(|_, _| (ms(3_900), Ok(())));
    let config = RelayConfig::default().drain_deadline(ms(500));
    let mut relay = Relay::new(Arc::clone(&store), Arc::clone(&sink), config).unwrap();
    let start = Instant::now();
    let report = relay.run(sleep(ms(100))).await.unwrap();
    assert_eq!((report.drained, start.elapsed(), store.waiting()), (false, ms(600), 1));
}

#[tokio::test(start_paused = true)]
async fn a_closed_sink_ends_the_relay_and_loses_nothing() {
    let store = store((0..3).map(|n| message("k", &n.to_string())));
    let sink = Scripted::new(|row, _| match &row.payload[..] {
        b"0" => (ms(1), Ok(())),
        _ => (ms(1), Err(SinkError::Closed("pipe".into()))),
    });
    let mut relay = Relay::new(Arc::clone(&store), Arc::clone(&sink), RelayConfig::default()).unwrap();
    let error = relay.run(pending()).await.unwrap_err();
    assert!(matches!(error, RelayError::SinkClosed(reason) if reason == "pipe"));
    assert_eq!(store.waiting(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_commit_is_seen_at_once_not_at_the_next_poll() {
    let store = store([]);
    let sink = Scripted::new(|_, _| (ms(1), Ok(())));
    let mut relay = Relay::new(Arc::clone(&store), Arc::clone(&sink), RelayConfig::default()).unwrap();
    let application = async {
        sleep(ms(300)).await;
        store.enqueue([message("k", "late")]);
        sleep(ms(200)).await;
    };
    relay.run(application).await.unwrap();
    assert_eq!(sink.story(), [" 301 late ok"]);
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_lost_its_lane_starts_nothing_until_it_has_it_again() {
    let store = store((0..40).map(|n| message("k", &format!("{n:02}"))));
    let sink = Scripted::new(|_, _| (ms(100), Ok(())));
    let mut relay = Relay::new(Arc::clone(&store), Arc::clone(&sink), RelayConfig::default()).unwrap();
    let other = async {
        sleep(ms(550)).await;
        store.usurp(Lane(0));
    };
    let (report, ()) = tokio::join!(relay.run_until_empty(pending()), other);
    assert_eq!((report.unwrap().published, store.waiting()), (40, 0));
    let story = sink.story();
    let expected: Vec<String> = (0..40).map(|n| format!("{n:02} ok")).collect();
    assert_eq!(payloads(&story), expected, "each once, in order, across both leases");
}

#[tokio::test(start_paused = true)]
async fn a_standby_takes_over_when_the_lease_expires() {
    let store = store((0..5).map(|n| message("k", &n.to_string())));
    let sink = Scripted::new(|_, _| (ms(100), Ok(())));
    let severed = Arc::new(Shaky::steady(&store));
    let mut killed = Relay::new(Arc::clone(&severed), Arc::clone(&sink), RelayConfig::default()).unwrap();
    let cut = async {
        sleep(ms(250)).await;
        // Like a kill: nothing of it reaches the store any more.
        severed.cut();
    };
    tokio::select! {
        _ = killed.run(pending()) => unreachable!("nobody stops it"),
        () = cut => {}
    }
    drop(killed);
    let report = run(&store, &sink, RelayConfig::default()).await;
    assert_eq!((report.published, store.waiting()), (3, 0));
    let story = sink.story();
    assert_eq!(payloads(&story), ["0 ok", "1 ok", "2 ok", "3 ok", "4 ok"]);
    let resumed: u64 = story[2].split_whitespace().next().unwrap().parse().unwrap();
    assert!((8_000..10_000).contains(&resumed), "after the lease of 8 s and at most a poll: {resumed} ms");
}

/// `select!` around `run` is what everybody writes.
#[tokio::test(start_paused = true)]
async fn a_run_that_is_dropped_gives_its_lanes_back() {
    let store = store((0..5).map(|n| message("k", &n.to_string())));
    let sink = Scripted::new(|_, _| (ms(100), Ok(())));
    let mut relay = Relay::new(Arc::clone(&store), Arc::clone(&sink), RelayConfig::default()).unwrap();
    assert!(timeout(ms(250), relay.run(pending())).await.is_err());
    // The relay is kept, and holds nothing: another one has the lane at its next turn.
    let report = run(&store, &sink, RelayConfig::default()).await;
    assert_eq!((report.published, store.waiting()), (3, 0));
    assert!(sink.started().elapsed() < Duration::from_secs(3), "{:?}", sink.started().elapsed());
    // And it can run again.
    store.enqueue([message("k", "5")]);
    let again = relay.run_until_empty(pending()).await.unwrap();
    assert_eq!((again.published, store.waiting()), (3, 0), "two before it was dropped");
}
