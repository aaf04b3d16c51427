//! A hundred callers at once, and a broker that takes ten requests in a millisecond.

use std::collections::BTreeMap;
use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::Journal;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval_at, sleep};

use crate::backoff::Backoff;
use crate::outcome::{Outcome, Refusal};
use crate::retry::retry;

/// How many callers there are.
pub const CALLERS: u64 = 100;
/// How many requests the broker takes in a millisecond. It refuses the others.
pub const AT_ONCE: u32 = 10;
/// How long the meter counts before it logs.
const METER_EVERY: Duration = Duration::from_millis(30);

/// How many requests the broker had in each millisecond in which there were any.
pub type PerMs = BTreeMap<u128, u32>;

/// A broker that refuses what is too much for it.
pub struct Broker {
    started: Instant,
    /// A std mutex: held for one addition.
    per_ms: Mutex<PerMs>,
}

impl Broker {
    /// It counts milliseconds from now on.
    pub fn start() -> Self {
        Self { started: Instant::now(), per_ms: Mutex::default() }
    }

    /// Takes an event, or refuses it at once.
    pub fn publish(&self) -> Outcome<()> {
        let mut per_ms = self.per_ms.lock().expect("an addition does not panic");
        let requests = per_ms.entry(self.started.elapsed().as_millis()).or_default();
        *requests += 1;
        if *requests <= AT_ONCE { Outcome::Done(()) } else { Outcome::Failed(Refusal::Transient("busy")) }
    }

    /// The requests so far, by millisecond.
    pub fn per_ms(&self) -> PerMs {
        self.per_ms.lock().expect("an addition does not panic").clone()
    }
}

/// Lets a hundred callers publish at the same moment. Each has the pauses that `backoff` gives to its number. Returns how many had to
/// give up.
pub async fn storm(broker: &Arc<Broker>, mut backoff: impl FnMut(u64) -> Backoff) -> usize {
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let broker = Arc::clone(broker);
        callers.spawn(retry(backoff(caller), move || ready(broker.publish())));
    }
    callers.join_all().await.into_iter().filter(Result::is_err).count()
}

/// The storm as a scene: every 30 ms a meter logs what the broker had to do, if anything.
pub async fn measured(journal: Journal, backoff: impl FnMut(u64) -> Backoff) {
    let broker = Arc::new(Broker::start());
    let metering = tokio::spawn(meter(Arc::clone(&broker), journal.clone()));
    let gave_up = storm(&broker, backoff).await;
    journal.log("callers", format_args!("{gave_up} of {CALLERS} have given up"));
    sleep(METER_EVERY + Duration::from_millis(1)).await; // the meter logs once more
    metering.abort();
}

async fn meter(broker: Arc<Broker>, journal: Journal) {
    let mut ticks = interval_at(broker.started + METER_EVERY, METER_EVERY);
    let mut from_ms = 0;
    loop {
        ticks.tick().await;
        let until_ms = broker.started.elapsed().as_millis();
        let per_ms = broker.per_ms();
        let (requests, busiest) = per_ms
            .range(from_ms..until_ms)
            .fold((0, 0), |(sum, max), (_, &requests)| (sum + requests, requests.max(max)));
        if requests > 0 {
            journal.log("broker", format_args!("{requests} requests, up to {busiest} in a millisecond"));
        }
        from_ms = until_ms;
    }
}
