//! Random failures, pauses and kills against the whole relay, by seed: the promises hold for each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use capstone_outbox::memory::MemoryStore;
use capstone_outbox::relay::{Exhausted, RetryConfig};
use capstone_outbox::{Envelope, Relay, RelayConfig, Sink, SinkError};
use tokio::time::{sleep, timeout};

use crate::support::{message, ms};

const MESSAGES: usize = 300;
const KEYS: usize = 12;
const WINDOW: usize = 40;

/// Answers at random, and notes what it took.
struct Chaos {
    random: Mutex<fastrand::Rng>,
    /// Key and number of each message that was taken, in order.
    taken: Mutex<Vec<(String, usize)>>,
}

impl Sink for Chaos {
    async fn publish(&self, row: &Envelope) -> Result<(), SinkError> {
        let (takes, answer) = {
            let mut random = self.random.lock().unwrap();
            (random.u64(0..40), random.u32(0..100))
        };
        sleep(ms(takes)).await;
        match answer {
            0..10 => return Err(SinkError::Retryable("busy".into())),
            10..12 => return Err(SinkError::Unavailable("down".into())),
            12 => return Err(SinkError::Permanent("never".into())),
            // Like a panic, but without the hook that would fill the screen with 60 of them.
            13 => std::panic::resume_unwind(Box::new("a sink may panic")),
            _ => {}
        }
        let number = std::str::from_utf8(&row.payload).unwrap().parse().unwrap();
        self.taken.lock().unwrap().push((row.key.as_deref().unwrap_or("").to_owned(), number));
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_lost_invented_or_reordered_whatever_fails() {
    for seed in 0..60 {
        let run = timeout(Duration::from_secs(100 * 3_600), swarm(seed));
        assert!(run.await.is_ok(), "seed {seed}: the relay hangs");
    }
}

async fn swarm(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let store = Arc::new(MemoryStore::new());
    let sink = Arc::new(Chaos { random: Mutex::new(random.fork()), taken: Mutex::default() });
    let keyed = if random.bool() { Exhausted::Park } else { Exhausted::Bury };
    let retry = RetryConfig { attempts_max: 4, keyed, ..RetryConfig::default() };
    let config = RelayConfig { window_rows: WINDOW, fetch_rows: 7, retry, ..RelayConfig::default() };

    let key_of = |number: usize| {
        if number.is_multiple_of(KEYS) { String::new() } else { format!("k{}", number % KEYS) }
    };
    let mut kills = 0;
    let mut enqueued = 0;
    let mut relay = Relay::new(Arc::clone(&store), Arc::clone(&sink), config.clone()).unwrap();
    while enqueued < MESSAGES {
        let some = random.usize(1..30).min(MESSAGES - enqueued);
        store
            .enqueue((enqueued..enqueued + some).map(|number| message(&key_of(number), &number.to_string())));
        enqueued += some;
        // A dropped `run` is a kill: what was in flight is forgotten, the lane must expire.
        if timeout(ms(random.u64(1..400)), relay.run(std::future::pending())).await.is_err()
            && random.u32(0..4) == 0
        {
            relay = Relay::new(Arc::clone(&store), Arc::clone(&sink), config.clone()).unwrap();
            kills += 1;
        }
    }
    relay.run_until_empty(std::future::pending()).await.unwrap();

    let taken = sink.taken.lock().unwrap().clone();
    let dead: Vec<usize> = store.dead_letters().iter().map(|dead| number(&dead.envelope)).collect();
    let mut seen: HashMap<usize, usize> = HashMap::new();
    let mut highest: HashMap<&str, usize> = HashMap::new();
    for (key, number) in &taken {
        let is_first = *seen.entry(*number).and_modify(|count| *count += 1).or_insert(1) == 1;
        let before = highest.entry(key).or_insert(0);
        if key.is_empty() {
            continue;
        }
        assert!(!is_first || *number >= *before, "seed {seed}: {number} of {key} came first after {before}");
        *before = (*before).max(*number);
    }
    let duplicates = taken.len() - seen.len();
    assert!(duplicates <= kills * WINDOW, "seed {seed}: {duplicates} duplicates after {kills} kills");
    let parked = store.waiting();
    assert_eq!(
        seen.len() + dead.iter().filter(|n| !seen.contains_key(n)).count() + parked,
        MESSAGES,
        "seed {seed}"
    );
    if keyed == Exhausted::Bury {
        assert_eq!(parked, 0, "seed {seed}: nothing may wait");
    }
}

fn number(envelope: &Envelope) -> usize {
    std::str::from_utf8(&envelope.payload).unwrap().parse().unwrap()
}
