//! Random failures, pauses, kills and operators against the whole relay, by seed: the promises hold for each.

use std::collections::{HashMap, HashSet};
use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use capstone_outbox::memory::{MemoryStore, Reserved};
use capstone_outbox::operations::{Operations, Verb};
use capstone_outbox::relay::{Exhausted, RetryConfig};
use capstone_outbox::store::Lane;
use capstone_outbox::{Attempt, Envelope, Relay, RelayConfig, Sink, SinkError};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::shaky::Shaky;
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
    async fn publish(&self, row: &Envelope, _attempt: Attempt) -> Result<(), SinkError> {
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

/// A window in which the bytes are used up first as often as the rows, down to one that no row fits.
fn config(retry: RetryConfig, random: &mut fastrand::Rng) -> RelayConfig {
    let window_bytes = random.usize(100..20_000);
    RelayConfig::default().window_rows(WINDOW).window_bytes(window_bytes).fetch_rows(7).retry(retry)
}

async fn swarm(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let store = Arc::new(MemoryStore::new());
    let sink = Arc::new(Chaos { random: Mutex::new(random.fork()), taken: Mutex::default() });
    let keyed = if random.bool() { Exhausted::Park } else { Exhausted::Bury };
    let retry = RetryConfig::default().attempts_max(4).keyed(keyed);
    let config = config(retry, &mut random);

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
        operate(&store, &mut random).await;
        // A dropped `run` is a kill: what was in flight is forgotten, the lane must expire.
        if timeout(ms(random.u64(1..400)), relay.run(std::future::pending())).await.is_err()
            && random.u32(0..4) == 0
        {
            relay = Relay::new(Arc::clone(&store), Arc::clone(&sink), config.clone()).unwrap();
            kills += 1;
        }
    }
    store.resume().await.unwrap();
    relay.run_until_empty(std::future::pending()).await.unwrap();

    let story = Story { seed, messages: MESSAGES, keyed, zombies: false };
    let duplicates = story.check(&store, &sink);
    assert!(duplicates <= kills * WINDOW, "seed {seed}: {duplicates} duplicates after {kills} kills");
}

/// Somebody retries or skips a key in trouble, pauses or resumes.
async fn operate(store: &MemoryStore, random: &mut fastrand::Rng) {
    let troubled = store.troubled(None, MESSAGES).await.unwrap();
    if !troubled.is_empty() {
        let verb = if random.bool() { Verb::Retry } else { Verb::Skip };
        store.command(&troubled[random.usize(..troubled.len())].ident, verb, "chaos").await.unwrap();
    }
    match random.u32(0..12) {
        0 => drop(store.pause("chaos").await.unwrap()),
        1..4 => drop(store.resume().await.unwrap()),
        _ => {}
    }
}

/// What the promises depend on.
struct Story {
    seed: u64,
    messages: usize,
    keyed: Exhausted,
    /// Two relays may have published the same lane for a moment.
    zombies: bool,
}

impl Story {
    /// Nothing is lost, invented or reordered. Returns the number of duplicates.
    fn check(&self, store: &MemoryStore, sink: &Chaos) -> usize {
        let seed = self.seed;
        let taken = sink.taken.lock().unwrap().clone();
        let dead: HashSet<usize> = store.buried().iter().map(|dead| number(&dead.envelope)).collect();
        let mut seen = HashSet::new();
        let mut highest: HashMap<&str, usize> = HashMap::new();
        for (key, number) in &taken {
            let is_first = seen.insert(*number);
            // A zombie may publish what the new owner has buried and gone past.
            if key.is_empty() || (self.zombies && dead.contains(number)) {
                continue;
            }
            let before = highest.entry(key).or_insert(0);
            assert!(
                !is_first || *number >= *before,
                "seed {seed}: {number} of {key} came first after {before}"
            );
            *before = (*before).max(*number);
        }
        let parked = store.waiting();
        if self.keyed == Exhausted::Bury {
            assert_eq!(parked, 0, "seed {seed}: nothing may wait");
        }
        let ended = seen.union(&dead).count();
        // A zombie may have published a row of a key that its new owner has parked.
        let is_told =
            if self.zombies { ended + parked >= self.messages } else { ended + parked == self.messages };
        assert!(is_told, "seed {seed}: {ended} published or dead, {parked} parked");
        taken.len() - seen.len()
    }
}

#[tokio::test(start_paused = true)]
async fn several_relays_share_lanes_whatever_fails() {
    for seed in 0..60 {
        let run = timeout(Duration::from_secs(100 * 3_600), relays(seed));
        assert!(run.await.is_ok(), "seed {seed}: the relays hang");
    }
}

/// A relay as a task of its own, and how to stop it.
struct Running {
    stop: CancellationToken,
    task: JoinHandle<Relay<Shaky, Chaos>>,
}

impl Running {
    fn start(mut relay: Relay<Shaky, Chaos>) -> Self {
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let task = tokio::spawn(async move {
            loop {
                // `step` is cancel safe: the relay keeps what it had under way.
                tokio::select! {
                    () = stopped.cancelled() => return relay,
                    step = relay.step() => step.unwrap(),
                }
            }
        });
        Self { stop, task }
    }
}

async fn relays(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let lanes = random.u16(1..20);
    let shaky = Arc::new(Shaky::new(MemoryStore::with_lanes(lanes), random.fork()));
    let store = &shaky.store;
    let sink = Arc::new(Chaos { random: Mutex::new(random.fork()), taken: Mutex::default() });
    let keyed = if random.bool() { Exhausted::Park } else { Exhausted::Bury };
    let retry = RetryConfig::default().attempts_max(4).keyed(keyed);
    let config = config(retry, &mut random);
    let relay = || Relay::new(Arc::clone(&shaky), Arc::clone(&sink), config.clone()).unwrap();

    let mut running: Vec<Running> = (0..random.usize(1..4)).map(|_| Running::start(relay())).collect();
    // Open transactions, each the only one with its key.
    let mut open: HashMap<usize, Reserved> = HashMap::new();
    let mut enqueued = 0;
    while enqueued < MESSAGES {
        let some = random.usize(1..30).min(MESSAGES - enqueued);
        for number in enqueued..enqueued + some {
            let key = number % KEYS;
            let name = if key == 0 { String::new() } else { format!("k{key}") };
            open.remove(&key).into_iter().for_each(|before| store.commit(before));
            let row = store.reserve([message(&name, &number.to_string())]);
            if random.u32(0..3) == 0 { drop(open.insert(key, row)) } else { store.commit(row) }
        }
        enqueued += some;
        if random.bool() {
            open.drain().for_each(|(_, row)| store.commit(row));
        }
        operate(store, &mut random).await;
        sleep(ms(random.u64(1..1_500))).await;
        match random.u32(0..12) {
            0 => store.usurp(Lane(random.u16(0..lanes))),
            1 | 2 => running.push(Running::start(relay())),
            3 | 4 if running.len() > 1 => {
                let Running { stop, task } = running.swap_remove(random.usize(0..running.len()));
                stop.cancel();
                // Now and then the same relay is started again.
                let mut relay = task.await.unwrap();
                relay.run(ready(())).await.unwrap();
                if random.bool() {
                    running.push(Running::start(relay));
                }
            }
            5 if running.len() > 1 => {
                // A kill: its lanes must expire.
                running.swap_remove(random.usize(0..running.len())).task.abort();
            }
            _ => {}
        }
    }
    open.drain().for_each(|(_, row)| store.commit(row));
    // All stop but one, which must then do the rest: a leaked permit would leave it hanging, or fail an assertion.
    let last = running.pop().expect("one is left");
    for Running { stop, task } in running {
        stop.cancel();
        task.await.unwrap().run(ready(())).await.unwrap();
    }
    store.resume().await.unwrap();
    sleep(Duration::from_secs(20)).await;
    last.stop.cancel();
    last.task.await.unwrap().run_until_empty(std::future::pending()).await.unwrap();
    Story { seed, messages: MESSAGES, keyed, zombies: true }.check(store, &sink);
    let troubled = store.troubled(None, MESSAGES).await.unwrap();
    assert!(troubled.iter().all(|key| key.command.is_none()), "seed {seed}: {troubled:?}");
}

fn number(envelope: &Envelope) -> usize {
    std::str::from_utf8(&envelope.payload).unwrap().parse().unwrap()
}
