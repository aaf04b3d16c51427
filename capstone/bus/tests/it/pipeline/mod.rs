//! The options that both kinds of handlers have, each on both kinds with the same assertions; and what a handler is told
//! that is only one kind's.

mod both;
mod events;
mod topics;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use capstone_bus::events::{DeadLetter, HandlerBuilder};
use capstone_bus::{
    Bus, Call, Delivery, HandlerError, HandlerStats, Next, RatePolicy, RetryPolicy, TopicHandlerBuilder,
};
use futures::future::{BoxFuture, join_all};
use tokio::time::{Instant, sleep};

use crate::events::{Journal, Tick};
use crate::support::{message, ms};

/// An option of a handler.
#[derive(Clone, Copy)]
enum Told {
    Concurrency(usize),
    Rate(usize, u64, RatePolicy),
    Timeout(u64),
    Retry(RetryPolicy),
    /// Wants even numbers only.
    Even,
    /// A filter that panics.
    Unsure,
    /// A middleware that notes when a call goes in and comes out.
    Wrap(&'static str),
    /// A middleware that takes its time.
    Delay(u64),
    DeadLetter,
}

/// What the handler does in a call.
enum Does {
    Succeeds,
    Takes(u64),
    Fails,
    FailsForGood,
    Panics,
    Hangs,
}

/// Says what the handler does, by the number and how often it was called with it before.
type Script = fn(u64, u32) -> Does;

/// What has happened.
#[derive(Debug, PartialEq)]
struct Story {
    /// The calls, each with the millisecond at which it began: `0 1`.
    calls: Vec<String>,
    counts: HandlerStats,
    /// `1 timeout: timed out, 2 attempts, 5..20`, the times in milliseconds.
    letters: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Topics,
    Events,
}

/// Runs the script on both kinds; they must tell the same story.
async fn story<const N: usize>(told: &[Told], numbers: [u64; N], script: Script) -> Story {
    let topics = Stage::new(script).run(Kind::Topics, told, numbers).await;
    let events = Stage::new(script).run(Kind::Events, told, numbers).await;
    assert_eq!((&topics.calls, &topics.letters), (&events.calls, &events.letters), "on topics, on events");
    assert_eq!(counted(&topics.counts), counted(&events.counts));
    events
}

/// Handled, failed, skipped, cut off; calls, retried, panicked, timed out; dead letters, lost. Nothing is left.
fn counted(counts: &HandlerStats) -> ([u64; 4], [u64; 4], [u64; 2]) {
    assert_eq!((counts.running, counts.waiting), (0, 0));
    (
        [counts.handled, counts.failed, counts.skipped, counts.cut_off],
        [counts.calls, counts.retried, counts.panicked, counts.timed_out],
        [counts.dead_letters, counts.dead_letters_lost],
    )
}

/// Where a script is played.
struct Stage {
    bus: Bus,
    journal: Journal,
    script: Script,
    calls: Arc<Mutex<HashMap<u64, u32>>>,
    letters: Arc<Mutex<Vec<String>>>,
}

impl Stage {
    /// On whose clock it is 0 ms since 1970.
    fn new(script: Script) -> Self {
        let start = Instant::now();
        let bus = Bus::builder().clock(move || SystemTime::UNIX_EPOCH + start.elapsed()).build();
        Self { bus, journal: Journal::start(), script, calls: Arc::default(), letters: Arc::default() }
    }

    async fn run<const N: usize>(self, kind: Kind, told: &[Told], numbers: [u64; N]) -> Story {
        let counts = match kind {
            Kind::Topics => self.on_topics(told, numbers).await,
            Kind::Events => self.on_events(told, numbers).await,
        };
        let letters = std::mem::take(&mut *self.letters.lock().expect("no panic"));
        Story { calls: self.journal.told(), counts, letters }
    }

    async fn on_topics<const N: usize>(&self, told: &[Told], numbers: [u64; N]) -> HandlerStats {
        let mut dead = self.bus.subscribe("$DLQ.>").expect("a pattern");
        let options = self.bus.topic_handler("t").name("h");
        let options = told.iter().fold(options, |options, told| self.tell_topics(options, *told));
        let handles = self.handles();
        let task = options.start(move |delivery: Delivery| handles(number(&delivery)));
        let task = task.expect("valid options");
        for number in numbers {
            let _ = self.bus.try_publish(message("t", &number.to_string())).expect("the bus is open");
        }
        self.bus.close();
        let counts = task.finished().await;
        while let Some(letter) = dead.recv().await {
            let header = |name| letter.headers().get(name).expect("a header of a dead letter");
            let [kind, reason, attempts] = ["dlq-kind", "dlq-reason", "dlq-attempts"].map(header);
            let [first, last] = ["dlq-first-at-ms", "dlq-last-at-ms"].map(header);
            let line = format!("{} {kind}: {reason}, {attempts} attempts, {first}..{last}", number(&letter));
            self.letters.lock().expect("no panic").push(line);
        }
        counts
    }

    fn tell_topics(&self, options: TopicHandlerBuilder, told: Told) -> TopicHandlerBuilder {
        match told {
            Told::Concurrency(messages) => options.concurrency(messages),
            Told::Rate(calls, per_ms, policy) => options.rate(calls, ms(per_ms), policy),
            Told::Timeout(limit_ms) => options.timeout(ms(limit_ms)),
            Told::Retry(policy) => options.retry(policy),
            Told::Even => options.filter(|message| number(message).is_multiple_of(2)),
            Told::Unsure => options.filter(|_| panic!("of the filter")),
            Told::Wrap(name) => options.wrap(notes(&self.journal, name)),
            Told::Delay(takes_ms) => options.wrap(delays(takes_ms)),
            Told::DeadLetter => options.dead_letter(),
        }
    }

    async fn on_events<const N: usize>(&self, told: &[Told], numbers: [u64; N]) -> HandlerStats {
        let options = self.bus.handler::<Tick>().name("h");
        let options = told.iter().fold(options, |options, told| self.tell_events(options, *told));
        let handles = self.handles();
        options.on_fallible(move |tick: Arc<Tick>| handles(tick.0));
        join_all(numbers.map(|number| self.bus.emit(Tick(number)))).await;
        self.bus.events().stats().handlers[0].counts
    }

    fn tell_events(&self, options: HandlerBuilder<Tick>, told: Told) -> HandlerBuilder<Tick> {
        match told {
            Told::Concurrency(events) => options.concurrency(events),
            Told::Rate(calls, per_ms, policy) => options.rate(calls, ms(per_ms), policy),
            Told::Timeout(limit_ms) => options.timeout(ms(limit_ms)),
            Told::Retry(policy) => options.retry(policy),
            Told::Even => options.filter(|tick| tick.0.is_multiple_of(2)),
            Told::Unsure => options.filter(|_| panic!("of the filter")),
            Told::Wrap(name) => options.wrap(notes(&self.journal, name)),
            Told::Delay(takes_ms) => options.wrap(delays(takes_ms)),
            Told::DeadLetter => {
                let letters = Arc::clone(&self.letters);
                options.dead_letter(move |letter| {
                    letters.lock().expect("no panic").push(shown(&letter));
                    async {}
                })
            }
        }
    }

    /// The handler: notes that it is called, and does what the script says.
    fn handles(
        &self,
    ) -> impl Fn(u64) -> BoxFuture<'static, Result<(), HandlerError>> + Send + Sync + 'static {
        let (journal, calls, script) = (self.journal.clone(), Arc::clone(&self.calls), self.script);
        move |number| {
            let (journal, calls) = (journal.clone(), Arc::clone(&calls));
            Box::pin(async move {
                journal.note(number.to_string());
                let before = {
                    let mut calls = calls.lock().expect("no panic");
                    let calls = calls.entry(number).or_default();
                    *calls += 1;
                    *calls - 1
                };
                match script(number, before) {
                    Does::Succeeds => {}
                    Does::Takes(takes_ms) => sleep(ms(takes_ms)).await,
                    Does::Fails => return Err("no".into()),
                    Does::FailsForGood => return Err(HandlerError::permanent("never")),
                    Does::Panics => panic!("on purpose"),
                    Does::Hangs => std::future::pending().await,
                }
                Ok(())
            })
        }
    }
}

#[track_caller]
fn number(message: &capstone_bus::Message) -> u64 {
    std::str::from_utf8(&message.payload).expect("text").parse().expect("a number")
}

fn shown(letter: &DeadLetter<Tick>) -> String {
    let DeadLetter { event, kind, reason, attempts, first_at, last_at, .. } = letter;
    let [first, last] = [first_at, last_at]
        .map(|at| at.duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_millis());
    format!("{} {kind}: {reason}, {attempts} attempts, {first}..{last}", event.0)
}

type Handled = BoxFuture<'static, Result<(), HandlerError>>;

/// One middleware for both kinds.
fn notes<T: Send + 'static>(
    journal: &Journal,
    name: &'static str,
) -> impl Fn(Call<T>, Next<T>) -> Handled + Send + Sync + 'static {
    let journal = journal.clone();
    move |call, next| {
        let journal = journal.clone();
        Box::pin(async move {
            journal.note(format!("{name} > {} #{}", call.handler, call.attempt));
            let result = next.run(call).await;
            journal.note(format!("{name} < {}", if result.is_ok() { "ok" } else { "failed" }));
            result
        })
    }
}

fn delays<T: Send + 'static>(takes_ms: u64) -> impl Fn(Call<T>, Next<T>) -> Handled + Send + Sync + 'static {
    move |call, next| {
        Box::pin(async move {
            sleep(ms(takes_ms)).await;
            next.run(call).await
        })
    }
}

/// Pauses that a test can foretell: 10 ms, 20 ms, 40 ms.
fn retry(attempts_max: u32) -> Told {
    Told::Retry(pauses(RetryPolicy::attempts(attempts_max)))
}

fn pauses(policy: RetryPolicy) -> RetryPolicy {
    policy.base(Duration::from_millis(10)).without_jitter()
}
