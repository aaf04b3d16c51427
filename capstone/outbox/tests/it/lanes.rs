//! Several relays over many lanes, and keys that must not cost the others anything, on a paused clock.

use std::collections::HashMap;
use std::future::{pending, ready};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use capstone_outbox::memory::MemoryStore;
use capstone_outbox::relay::Report;
use capstone_outbox::{Attempt, Envelope, Relay, RelayConfig, Sink, SinkError};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::support::{message, ms};

/// Takes what is given for each message, and writes down when it was done.
struct Timed {
    takes: fn(&Envelope) -> (Duration, Result<(), SinkError>),
    started: Instant,
    done: Mutex<Vec<(Duration, String, usize)>>,
}

impl Timed {
    fn new(takes: fn(&Envelope) -> (Duration, Result<(), SinkError>)) -> Arc<Self> {
        Arc::new(Self { takes, started: Instant::now(), done: Mutex::default() })
    }

    /// When each message of the keys was done, in that order, with its key and its number.
    fn done(&self) -> Vec<(Duration, String, usize)> {
        self.done.lock().unwrap().clone()
    }

    /// Fails unless each key's messages were done in order, each once.
    #[track_caller]
    fn check_order(&self) {
        let mut last: HashMap<String, usize> = HashMap::new();
        for (at, key, number) in self.done() {
            let before = last.insert(key.clone(), number);
            assert!(
                before.is_none_or(|before| before < number),
                "{at:?}: {number} of {key} after {before:?}"
            );
        }
    }
}

impl Sink for Timed {
    async fn publish(&self, row: &Envelope, _attempt: Attempt) -> Result<(), SinkError> {
        let (takes, outcome) = (self.takes)(row);
        sleep(takes).await;
        outcome?;
        let number = std::str::from_utf8(&row.payload).unwrap().parse().unwrap();
        let key = row.key.as_deref().unwrap_or_default().to_owned();
        self.done.lock().unwrap().push((self.started.elapsed(), key, number));
        Ok(())
    }
}

/// A relay that runs until it is stopped.
struct Running {
    stop: CancellationToken,
    task: JoinHandle<Report>,
}

impl Running {
    fn start(store: &Arc<MemoryStore>, sink: &Arc<Timed>) -> Self {
        let mut relay = Relay::new(Arc::clone(store), Arc::clone(sink), RelayConfig::default()).unwrap();
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let task = tokio::spawn(async move { relay.run(stopped.cancelled()).await.unwrap() });
        Self { stop, task }
    }

    async fn stop(self) -> Report {
        self.stop.cancel();
        self.task.await.unwrap()
    }
}

/// Sizes of the shares, whoever has them.
fn shares(store: &MemoryStore) -> Vec<usize> {
    let mut shares: Vec<usize> = store.shares().into_values().collect();
    shares.sort_unstable();
    shares
}

#[tokio::test(start_paused = true)]
async fn relays_share_the_lanes_whoever_comes_and_goes() {
    let store = Arc::new(MemoryStore::with_lanes(64));
    let sink = Timed::new(|_| (ms(60), Ok(())));
    let feed = async {
        for number in 0.. {
            store.enqueue([message(&format!("k{}", number % 100), &number.to_string())]);
            sleep(ms(20)).await;
        }
    };
    let story = async {
        let first = Running::start(&store, &sink);
        sleep(ms(10)).await;
        assert_eq!(shares(&store), [64], "alone, it takes everything at once");

        let second = Running::start(&store, &sink);
        sleep(ms(3_000)).await;
        assert_eq!(shares(&store), [32, 32]);
        let third = Running::start(&store, &sink);
        sleep(ms(3_000)).await;
        assert_eq!(shares(&store), [20, 22, 22], "none has more than its share");

        assert!(first.stop().await.drained);
        sleep(ms(1_500)).await;
        assert_eq!(shares(&store), [32, 32], "a clean stop frees its lanes at once");
        sink.check_order();
        let published = sink.done().len();
        let mut numbers: Vec<usize> = sink.done().into_iter().map(|(_, _, number)| number).collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), published, "no lane was read by two: nothing went twice");

        second.task.abort();
        sleep(ms(10_000)).await;
        assert_eq!(shares(&store), [64], "who was killed is replaced within ten seconds");
        third
    };
    let third = tokio::select! {
        third = story => third,
        () = feed => unreachable!("it never ends"),
    };
    sleep(ms(1_000)).await;
    third.stop().await;
    assert_eq!(store.waiting(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_waits_for_a_share_gets_one_while_the_sink_is_slow() {
    let store = Arc::new(MemoryStore::with_lanes(8));
    store.enqueue((0..800).map(|number| message(&format!("k{}", number % 40), &number.to_string())));
    let sink = Timed::new(|_| (ms(900), Ok(())));
    let first = Running::start(&store, &sink);
    sleep(ms(100)).await;
    let second = Running::start(&store, &sink);
    sleep(ms(3_500)).await;
    assert_eq!(shares(&store), [4, 4]);
    sleep(Duration::from_secs(30)).await;
    assert_eq!((store.waiting(), sink.done().len()), (0, 800), "each once");
    sink.check_order();
    assert!(first.stop().await.published >= 300 && second.stop().await.published >= 300);
}

/// Each of the others' keys has 50 messages of 10 ms, so this is a tenth of what they need.
const TOLERANCE: Duration = Duration::from_millis(50);
const IN_FRONT: usize = 20_000;
const OTHERS: usize = 5_000;

/// Publishes `in_front` rows of one key and then the others'. Returns when the last of the others was done, and when
/// the relay was through.
async fn carry(store: MemoryStore, in_front: usize, sink: &Arc<Timed>) -> (Duration, Duration, Report) {
    let store = Arc::new(store);
    store.enqueue((0..in_front).map(|number| message("front", &number.to_string())));
    store.enqueue((0..OTHERS).map(|number| message(&format!("k{}", number % 100), &number.to_string())));
    let mut relay = Relay::new(Arc::clone(&store), Arc::clone(sink), RelayConfig::default()).unwrap();
    let run = timeout(Duration::from_secs(3_600), relay.run_until_empty(pending()));
    let report = run.await.expect("the relay hangs").unwrap();
    let through = sink.started.elapsed();
    sink.check_order();
    let done = sink.done();
    let others: Vec<Duration> =
        done.iter().filter(|(_, key, _)| key != "front").map(|(at, ..)| *at).collect();
    assert_eq!(others.len(), OTHERS);
    relay.run(ready(())).await.unwrap();
    (*others.last().expect("there are some"), through, report)
}

fn slow_in_front(row: &Envelope) -> (Duration, Result<(), SinkError>) {
    (if row.key.as_deref() == Some("front") { ms(5) } else { ms(10) }, Ok(()))
}

fn refused_in_front(row: &Envelope) -> (Duration, Result<(), SinkError>) {
    match row.key.as_deref() {
        Some("front") => (ms(1), Err(SinkError::Permanent("no".into()))),
        _ => (ms(10), Ok(())),
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_key_with_many_rows_in_front_costs_the_others_nothing() {
    for make in [MemoryStore::new, || MemoryStore::with_lanes(8)] {
        let (alone, ..) = carry(make(), 0, &Timed::new(slow_in_front)).await;
        let (beside, through, report) = carry(make(), IN_FRONT, &Timed::new(slow_in_front)).await;
        assert!(beside <= alone + TOLERANCE, "{beside:?} beside the slow key, {alone:?} without");
        // And it is as fast as it can be: its next rows are there before the last has left.
        let least = ms(5) * u32::try_from(IN_FRONT).unwrap();
        assert!((least..least + ms(100)).contains(&through), "{through:?}");
        assert_eq!(usize::try_from(report.published).unwrap(), IN_FRONT + OTHERS);
    }
}

#[tokio::test(start_paused = true)]
async fn a_parked_key_with_many_rows_in_front_costs_the_others_nothing() {
    for make in [MemoryStore::new, || MemoryStore::with_lanes(8)] {
        let (alone, ..) = carry(make(), 0, &Timed::new(refused_in_front)).await;
        let (beside, _, report) = carry(make(), IN_FRONT, &Timed::new(refused_in_front)).await;
        assert!(beside <= alone + TOLERANCE, "{beside:?} beside the parked key, {alone:?} without");
        assert_eq!((report.published, report.parked), (OTHERS as u64, 1));
    }
}
