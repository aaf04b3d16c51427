//! The relay: takes rows from the outbox, publishes them, and marks them.

//~ begin
use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::contract::{Broker, Event, Outbox, PublishError, Report, Settings, WhenEmpty};
//~ starter
//~| use std::sync::Arc;
//~|
//~| use tokio_util::sync::CancellationToken;
//~|
//~| use super::contract::{Broker, Outbox, Report, Settings};
//~ end

// ANCHOR: run
/// Publishes what is unsent in `outbox`, until nothing is left or `stop` is cancelled.
pub async fn run<O: Outbox, B: Broker>(
    outbox: Arc<O>,
    broker: Arc<B>,
    settings: Settings,
    stop: CancellationToken,
) -> Report {
    // ANCHOR_END: run
    //~ begin
    let deadline = settings.deadline;
    let abort = CancellationToken::new();
    let mut relay = Relay {
        outbox,
        broker,
        settings,
        abort: abort.clone(),
        tasks: JoinSet::new(),
        busy: HashSet::new(),
        waiting: HashMap::new(),
        report: Report::default(),
    };
    // Dropping this future is safe at every await: the tasks are in the set, and what they report stays in it.
    if stop.run_until_cancelled(relay.work()).await.is_none()
        && timeout(deadline, relay.finish()).await.is_err()
    {
        abort.cancel();
        relay.finish().await; // each publish is dropped, and what was confirmed is still marked
    }
    relay.report
    //~ starter
    //~| // Milestone 1 begins here.
    //~| Report::default()
    //~ end
}
//~ begin

struct Relay<O, B> {
    outbox: Arc<O>,
    broker: Arc<B>,
    settings: Settings,
    /// Cancelled at the deadline: drops the publishes, and not the marking.
    abort: CancellationToken,
    /// One for each event in flight, until it is marked.
    tasks: JoinSet<Done>,
    /// The keys of the events in flight.
    busy: HashSet<String>,
    /// The keys whose first event waits for its next attempt. The event itself is not kept; it is queried again.
    waiting: HashMap<String, Waiting>,
    report: Report,
}

struct Waiting {
    attempts: u32,
    until: Instant,
}

/// What a task returns.
struct Done {
    key: String,
    outcome: Outcome,
}

enum Outcome {
    Sent,
    Failed,
    /// That many attempts have failed.
    Retry(u32),
    GivenUp,
}

impl<O: Outbox, B: Broker> Relay<O, B> {
    async fn work(&mut self) {
        loop {
            self.start_what_is_unsent().await;
            if self.settings.when_empty == WhenEmpty::Return
                && self.tasks.is_empty()
                && self.waiting.is_empty()
            {
                return;
            }
            let has_free_slot = self.tasks.len() < self.settings.in_flight_max;
            let next_query = self.next_query();
            // Cancel safe: `join_next` loses no task, and the other branch only waits.
            tokio::select! {
                Some(done) = self.tasks.join_next() => self.take(done.expect("a task catches panics")),
                () = wait_until(next_query), if has_free_slot => {}
            }
            while let Some(done) = self.tasks.try_join_next() {
                self.take(done.expect("a task catches panics"));
            }
        }
    }

    /// When a key's next attempt is due, or the outbox is polled again; `None` if only the end of a task can bring something new.
    /// An attempt that became due during the last query is due at once.
    fn next_query(&self) -> Option<Instant> {
        let attempts = self.waiting.values().map(|waiting| waiting.until);
        let poll = match self.settings.when_empty {
            WhenEmpty::PollEvery(pause) => Some(Instant::now() + pause),
            WhenEmpty::Return => None,
        };
        attempts.chain(poll).min()
    }

    /// Fills the free slots, one event a key.
    async fn start_what_is_unsent(&mut self) {
        loop {
            let free = self.settings.in_flight_max - self.tasks.len();
            if free == 0 {
                return;
            }
            let now = Instant::now();
            let held = self.waiting.iter().filter(|(_, waiting)| waiting.until > now).map(|(key, _)| key);
            let except: HashSet<String> = self.busy.iter().chain(held).cloned().collect();
            let events = self.outbox.unsent(free, &except).await;
            if events.is_empty() {
                // A key that was due, and has no unsent event: its row was removed by someone else.
                self.waiting.retain(|_, waiting| waiting.until > now);
                return;
            }
            for event in events {
                if self.busy.insert(event.key.clone()) {
                    self.start(event);
                }
            }
        }
    }

    fn start(&mut self, event: Event) {
        let attempts = self.waiting.remove(&event.key).map_or(0, |waiting| waiting.attempts) + 1;
        let (outbox, broker) = (Arc::clone(&self.outbox), Arc::clone(&self.broker));
        let (abort, attempts_max) = (self.abort.clone(), self.settings.attempts_max);
        self.tasks.spawn(async move {
            let publishing = AssertUnwindSafe(broker.publish(&event)).catch_unwind();
            let outcome = match abort.run_until_cancelled(publishing).await {
                None => Outcome::GivenUp,
                Some(Ok(Ok(()))) => {
                    outbox.mark_sent(event.id).await;
                    Outcome::Sent
                }
                Some(Ok(Err(PublishError::Transient(_)))) if attempts < attempts_max => {
                    Outcome::Retry(attempts)
                }
                Some(failure) => {
                    let reason = match failure {
                        Ok(error) => error.expect_err("it was not confirmed").to_string(),
                        Err(panic) => format!("panicked: {}", message(&*panic)),
                    };
                    outbox.mark_failed(event.id, &reason).await;
                    Outcome::Failed
                }
            };
            Done { key: event.key, outcome }
        });
    }

    fn take(&mut self, done: Done) {
        self.busy.remove(&done.key);
        match done.outcome {
            Outcome::Sent => self.report.sent += 1,
            Outcome::Failed => self.report.failed += 1,
            Outcome::GivenUp => self.report.given_up += 1,
            Outcome::Retry(attempts) => {
                let until = Instant::now() + self.pause(attempts);
                self.waiting.insert(done.key, Waiting { attempts, until });
            }
        }
    }

    /// Doubles with each attempt. Up to a quarter more, so that events that failed together are not tried together again.
    fn pause(&self, attempts: u32) -> Duration {
        let pause = self.settings.backoff * 2_u32.pow(attempts - 1);
        pause.mul_f64(1.0 + fastrand::f64() / 4.0)
    }

    /// Waits for what is in flight.
    async fn finish(&mut self) {
        while let Some(done) = self.tasks.join_next().await {
            self.take(done.expect("a task catches panics"));
        }
    }
}

async fn wait_until(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("without a message")
}
//~ starter
//~ end
