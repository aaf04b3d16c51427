//! A broker with 100 workers, a client that gives up after a second, and a gauge of what is in flight.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::{Journal, Pace};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep, timeout};

/// The broker works on this many events at the same time. The others wait in its queue.
pub const WORKERS: usize = 100;
/// How long a publish may take, with the time in the broker's queue. After that the client gives up.
pub const PATIENCE: Duration = Duration::from_secs(1);

/// An event of the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    pub id: u32,
}

impl Event {
    /// How long the broker works on it: 20 to 80 ms, on average 50.
    pub fn takes(self) -> Duration {
        Duration::from_millis(20 + u64::from(self.id) * 37 % 61)
    }
}

/// The rows of an outbox, which are read one after another. Every 250th is logged when it is read.
pub fn outbox(count: u32, journal: Journal) -> impl Iterator<Item = Event> {
    (1..=count).map(|id| Event { id }).inspect(move |event| {
        if event.id.is_multiple_of(250) {
            journal.log("relay", format_args!("reads event {}", event.id));
        }
    })
}

/// A handle to the broker. Clones are handles to the same one.
#[derive(Clone)]
pub struct Broker {
    workers: Arc<Semaphore>,
    /// A std mutex: it is held for a few additions and never across an await.
    gauge: Arc<Mutex<Gauge>>,
    pace: Pace,
}

/// What the broker has seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gauge {
    /// Publishes that have begun and not ended.
    pub in_flight: usize,
    /// The most that were in flight at the same time.
    pub peak: usize,
    /// The most tasks that were alive when a publish began, in the whole runtime.
    pub tasks: usize,
    /// Events that were published.
    pub published: u32,
    /// Publishes that were given up.
    pub timed_out: u32,
    /// How long each publish took, added up. One that was given up counts for as long as it waited.
    spent: Duration,
    /// How many were in flight, times how long, added up: the area under the curve of `in_flight`.
    area: Duration,
    /// When the first publish began, and when `in_flight` changed for the last time.
    busy: Option<(Instant, Instant)>,
}

impl Broker {
    pub fn new(pace: Pace) -> Self {
        Self { workers: Arc::new(Semaphore::new(WORKERS)), gauge: Arc::default(), pace }
    }

    /// Publishes the event. Gives up after a second, and then it is not known whether the broker has it.
    pub async fn publish(&self, event: Event) {
        let begun = Instant::now();
        self.change(|gauge| {
            gauge.in_flight += 1;
            gauge.peak = gauge.peak.max(gauge.in_flight);
            gauge.tasks = gauge.tasks.max(Handle::current().metrics().num_alive_tasks());
        });
        let working = async {
            let _worker = self.workers.acquire().await.expect("the broker is never closed");
            sleep(self.pace.of(event.takes())).await;
        };
        let ended = timeout(self.pace.of(PATIENCE), working).await;
        self.change(|gauge| {
            gauge.in_flight -= 1;
            gauge.spent += begun.elapsed();
            match ended {
                Ok(()) => gauge.published += 1,
                Err(_elapsed) => gauge.timed_out += 1,
            }
        });
    }

    /// What the broker has seen so far.
    pub fn gauge(&self) -> Gauge {
        *self.gauge.lock().expect("an addition does not panic")
    }

    fn change(&self, change: impl FnOnce(&mut Gauge)) {
        let mut gauge = self.gauge.lock().expect("an addition does not panic");
        let now = Instant::now();
        let (begun, changed) = gauge.busy.unwrap_or((now, now));
        let in_flight = u32::try_from(gauge.in_flight).expect("fewer than 4 billion");
        gauge.area += (now - changed) * in_flight;
        gauge.busy = Some((begun, now));
        change(&mut gauge);
    }
}

impl Gauge {
    /// Publishes in a second.
    pub fn per_second(&self) -> f64 {
        f64::from(self.published + self.timed_out) / self.busy_for().as_secs_f64()
    }

    /// How long a publish took on average, in seconds.
    pub fn seconds_each(&self) -> f64 {
        self.spent.as_secs_f64() / f64::from(self.published + self.timed_out)
    }

    /// How many publishes were in flight on average. It is measured as the area under a curve: no duration of a publish is in it.
    pub fn on_average(&self) -> f64 {
        self.area.as_secs_f64() / self.busy_for().as_secs_f64()
    }

    fn busy_for(&self) -> Duration {
        self.busy.map_or(Duration::ZERO, |(begun, changed)| changed - begun)
    }
}
