//! The store under a relay, and under one whose calls are dropped.

use std::collections::HashMap;
use std::future::{pending, ready};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::time::{sleep, timeout};

use super::super::cancel::dropped_at;
use super::Subject;
use super::owned::{Owned, PLENTY, message, number, numbers};
use crate::message::Envelope;
use crate::relay::{Relay, RelayConfig, RetryConfig};
use crate::sink::{Attempt, Sink, SinkError};
use crate::store::{Change, Hold, Store};

/// Nothing here takes this long, unless it never ends.
const NEVER: Duration = Duration::from_secs(120);

const MESSAGES: u8 = 200;
const KEYS: u8 = 7;

/// Each row is its key's: one is buried, one published, and two are held, or nothing of it is so.
pub async fn a_flush_that_is_dropped_is_whole_or_was_not_made<S: Subject>(make: impl AsyncFn() -> S) {
    for polls in 1..100 {
        let owned = Owned::with(&make, &["k", "k", "k", "k"]).await;
        let bury = Change::Bury { row: owned.row(2), attempts: 1, error: "no".into() };
        let mut changes = owned.fenced(1, vec![bury, owned.hold(&[3, 4], 1, Hold::Parked)]);
        changes.published.push(owned.row(1));
        let outcome = dropped_at(polls, owned.store().settle(&changes)).await;
        // It may still be under way, and be made between two looks: then they are made again.
        let is_whole = async || loop {
            let dead = owned.subject.dead().await.len();
            let fetched = owned.store().fetch(&owned.look(), PLENTY).await.expect("a fetch");
            if owned.subject.dead().await.len() != dead {
                continue;
            }
            let (waiting, behind) = (numbers(&fetched.rows), fetched.behind.len());
            match (waiting.as_slice(), behind, dead) {
                ([1, 2, 3, 4], 0, 0) => break false,
                ([], 0, 1) => break true,
                found => panic!("half of a flush was written: waiting, behind, dead: {found:?}"),
            }
        };
        is_whole().await;
        assert!(owned.settled(&changes).await.lost.is_empty(), "once more is harmless");
        assert!(is_whole().await, "after it was made once more");
        if outcome.is_some() {
            return;
        }
    }
}

/// Refuses every fifth, and notes the others.
#[derive(Default)]
struct Moody {
    tried: Mutex<u32>,
    taken: Mutex<Vec<(String, u8)>>,
}

impl Sink for Moody {
    async fn publish(&self, row: &Envelope, _attempt: Attempt) -> Result<(), SinkError> {
        sleep(Duration::from_millis(1)).await;
        let is_refused = {
            let mut tried = self.tried.lock().expect("nothing panics while it is held");
            *tried += 1;
            tried.is_multiple_of(5)
        };
        if is_refused {
            return Err(SinkError::Retryable("busy".into()));
        }
        let key = row.key.as_deref().unwrap_or_default().to_owned();
        self.taken.lock().expect("nothing panics while it is held").push((key, number(row.id)));
        Ok(())
    }
}

/// With a small window, failures, and relays that are dropped in the middle: nothing is lost, and first deliveries of a key are in order.
pub async fn a_relay_delivers_everything_in_order<S: Subject>(make: impl AsyncFnOnce() -> S) {
    let subject = make().await;
    let key = |number: u8| match number % KEYS {
        0 => String::new(),
        key => format!("k{key}"),
    };
    let messages =
        |numbers: std::ops::Range<u8>| numbers.map(|number| message(number, &key(number), "")).collect();
    let sink = Arc::new(Moody::default());
    let retry = RetryConfig {
        base: Duration::from_millis(1),
        cap: Duration::from_millis(20),
        ..RetryConfig::default()
    };
    let config = RelayConfig { window_rows: 16, fetch_rows: 7, retry, ..RelayConfig::default() };
    let relay =
        || Relay::new(Arc::clone(subject.store()), Arc::clone(&sink), config.clone()).expect("they fit");

    let story = async {
        subject.enqueue(messages(1..MESSAGES / 2)).await;
        let mut first = relay();
        // Dropped as it is.
        drop(timeout(Duration::from_millis(60), first.run(pending())).await);
        subject.enqueue(messages(MESSAGES / 2..MESSAGES)).await;
        first.run_until_empty(pending()).await.expect("the store can be used");
        first.run(ready(())).await.expect("it gives its lanes back");
        relay().run_until_empty(pending()).await.expect("the store can be used");
    };
    timeout(NEVER, story).await.expect("it ends");

    let taken = sink.taken.lock().expect("nothing panics while it is held").clone();
    let mut highest: HashMap<&str, u8> = HashMap::new();
    let mut met = Vec::new();
    for (key, number) in &taken {
        if met.contains(number) {
            continue;
        }
        met.push(*number);
        let before = highest.insert(key, *number).unwrap_or(0);
        assert!(key.is_empty() || before < *number, "{number} of {key} came first after {before}");
    }
    met.sort_unstable();
    assert_eq!(met, (1..MESSAGES).collect::<Vec<_>>(), "each is delivered");
    assert_eq!(subject.dead().await, []);
}
