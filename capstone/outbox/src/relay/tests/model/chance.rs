//! What a seed decides: how the relay is set up, what happens how often, and what goes wrong.

use std::time::Duration;

use fastrand::Rng;

use crate::config::{Exhausted, RelayConfig, RetryConfig};

/// What may happen next, and how often. For each seed some of it happens seldom or never, and some all the time: so a sink is
/// slow, or a store, or lanes come and go.
const EVENTS: [(Event, u32); 13] = [
    (Event::Store, 30),
    (Event::Hear, 30),
    (Event::Sink, 25),
    (Event::Renew, 4),
    (Event::HearRenewal, 5),
    (Event::Wake, 4),
    (Event::Pass, 6),
    (Event::Commit, 8),
    (Event::Operate, 3),
    (Event::Others, 3),
    (Event::Sleep, 1),
    (Event::Stop, 1),
    (Event::Kill, 1),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The store does one of the things that it was asked for.
    Store,
    /// The core hears of one of those.
    Hear,
    /// Some publishes end.
    Sink,
    /// The keeper asks which lanes are ours.
    Renew,
    HearRenewal,
    Wake,
    /// Time passes, perhaps up to when the core wants to be asked.
    Pass,
    /// Messages are enqueued, or a transaction ends.
    Commit,
    Operate,
    /// Another relay takes lanes, publishes, gives them back or dies.
    Others,
    /// The machine stands still, and the store's clock does not.
    Sleep,
    Stop,
    Kill,
}

/// What happens next is chosen from these, by weight.
pub(super) struct Events(Vec<(Event, u32)>);

impl Events {
    pub(super) fn choose(random: &mut Rng) -> Self {
        let weighted = EVENTS.map(|(event, weight)| {
            let is_needed =
                matches!(event, Event::Store | Event::Hear | Event::Sink | Event::Renew | Event::HearRenewal);
            let seldom = u32::from(is_needed);
            (event, [seldom, weight, weight, 4 * weight][random.usize(0..4)])
        });
        Self(weighted.into())
    }

    /// One of those that can happen.
    pub(super) fn next(&self, random: &mut Rng, can_happen: impl Fn(Event) -> bool) -> Event {
        let events = || self.0.iter().filter(|(event, _)| can_happen(*event));
        let mut left = random.u32(0..events().map(|(_, weight)| weight).sum());
        for (event, weight) in events() {
            if left < *weight {
                return *event;
            }
            left -= weight;
        }
        unreachable!("what is left is less than the last weight")
    }
}

/// Small windows, down to one that no row fits, and little patience.
pub(super) fn config(random: &mut Rng) -> RelayConfig {
    let pick = |random: &mut Rng, from: &[usize]| from[random.usize(..from.len())];
    let exhausted = |random: &mut Rng| if random.bool() { Exhausted::Park } else { Exhausted::Bury };
    let retry = RetryConfig {
        attempts_max: random.u32(1..5),
        base: Duration::from_millis(random.u64(1..200)),
        cap: Duration::from_millis(if random.bool() { 2_000 } else { random.u64(200..60_000) }),
        keyed: exhausted(random),
        keyless: exhausted(random),
    };
    RelayConfig {
        window_rows: pick(random, &[1, 2, 3, 5, 8, 16, 40]),
        window_bytes: pick(random, &[1, 300, 1_000, 5_000, 100_000]),
        fetch_rows: random.usize(1..12),
        retry,
        ..RelayConfig::default()
    }
}

/// How many of 100 go wrong.
#[derive(Debug, Default)]
pub(super) struct Rates {
    /// A message is refused, each in its way.
    pub(super) busy: u32,
    pub(super) never: u32,
    pub(super) silent: u32,
    pub(super) down: u32,
    pub(super) closed: u32,
    /// A row cannot be read.
    pub(super) broken: u32,
    /// A fetch finds another store than the one before.
    pub(super) void: u32,
    /// A read brings less than it may.
    pub(super) less: u32,
    /// The answer to a flush is lost.
    pub(super) lost: u32,
    /// A transaction stays open for a while.
    pub(super) late: u32,
}

impl Rates {
    /// Each of them is none for half of the seeds.
    pub(super) fn choose(random: &mut Rng) -> Self {
        let mut rate = |most: u32| if random.bool() { 0 } else { random.u32(1..=most) };
        Self {
            busy: rate(50),
            never: rate(15),
            silent: rate(30),
            down: rate(40),
            closed: rate(2),
            broken: rate(15),
            void: rate(10),
            less: rate(50),
            lost: rate(30),
            late: rate(40),
        }
    }
}
