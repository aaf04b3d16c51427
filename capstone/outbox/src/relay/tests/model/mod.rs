//! Every order of events against the core, by seed: its answers come late, in any order and with less than was asked for; lanes are
//! lost and taken again, messages fail, operators interfere. `chance` is what a seed decides, `world` what is around the core, `other`
//! the relay beside it, and `rules` what must hold after each input. At the end all faults are healed, and the core must come to its end by itself.
//!
//! It knows neither the session nor the keeper: those are played here, as freely as their own promises allow.

mod chance;
mod other;
mod rules;
mod world;

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use tokio::time::{Instant, advance};

use super::short;
use crate::config::RelayConfig;
use crate::message::Envelope;
use crate::relay::core::Core;
use crate::relay::event::{Effect, Input, Published, Tenure};
use crate::sink::SinkError;
use crate::store::{Lease, Store};
use chance::{Event, Events, config};
use rules::{Allowed, Rules};
use world::World;

/// How many seeds; more with the variable.
const SEEDS: (&str, u64) = ("OUTBOX_MODEL_SEEDS", 2_000);

/// Inputs in which a core must have come to its end, once nothing is wrong any more: for each row, and besides.
const INPUTS_A_ROW: usize = 40;
const INPUTS_BESIDES: usize = 400;

/// Renewals in a row after which nothing happens: the leases of the dead have expired by then.
const VAIN_MAX: u32 = 20;

/// Set this to a number that a failure has printed, and each step is shown.
const SEED: &str = "OUTBOX_MODEL_SEED";

#[tokio::test(start_paused = true)]
async fn the_core_keeps_its_promises_in_every_order_of_events() {
    let (chosen, count) = (variable(SEED), variable(SEEDS.0).unwrap_or(SEEDS.1));
    let seeds = chosen.map_or(0..count, |seed| seed..seed + 1);
    for seed in seeds {
        let _named = Named(seed);
        Model::new(seed, chosen.is_some()).play().await;
    }
}

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|number| number.parse().expect("a number"))
}

/// Says which seed it was that failed.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let test = "the_core_keeps_its_promises_in_every_order_of_events";
            eprintln!(
                "again, step by step: {SEED}={} cargo test -p capstone-outbox --lib {test} -- --nocapture",
                self.0
            );
        }
    }
}

/// A core, what it has asked for, and what it has not heard of yet.
struct Model {
    is_shown: bool,
    random: Rng,
    config: RelayConfig,
    events: Events,
    world: World,
    rules: Rules,
    core: Core,
    asked: Vec<Effect>,
    answers: Vec<Input>,
    publishing: Vec<Arc<Envelope>>,
    /// The newest renewal that the core has not heard of, and how often the machine had slept when it began.
    renewal: Option<(Tenure, usize)>,
    /// Leases that the core wants to give back; of each lane the newest.
    given_up: Vec<Lease>,
    /// How far the core's clock is behind the store's.
    behind: Duration,
    sleeps: usize,
    /// How often the machine had slept when the renewal began that was heard last.
    sleeps_known: usize,
    is_stopping: bool,
    inputs: usize,
}

impl Model {
    fn new(seed: u64, is_shown: bool) -> Self {
        let mut random = Rng::with_seed(seed);
        let config = config(&mut random);
        let events = Events::choose(&mut random);
        let world = World::new(&mut random, &config);
        let core = core(&mut random, &config, &world, Instant::now());
        Self {
            is_shown,
            random,
            config,
            events,
            world,
            rules: Rules::default(),
            core,
            asked: vec![],
            answers: vec![],
            publishing: vec![],
            renewal: None,
            given_up: vec![],
            behind: Duration::ZERO,
            sleeps: 0,
            sleeps_known: 0,
            is_stopping: false,
            inputs: 0,
        }
    }

    async fn play(mut self) {
        if self.is_shown {
            println!("{:?} {:?}", self.config, self.world);
        }
        self.world.commit(&mut self.rules);
        for _ in 0..self.random.usize(20..500) {
            let event = self.events.next(&mut self.random, |event| match event {
                Event::Store => !self.asked.is_empty(),
                Event::Hear => !self.answers.is_empty(),
                Event::Sink => !self.publishing.is_empty(),
                Event::HearRenewal => self.renewal.is_some(),
                _ => true,
            });
            self.happen(event).await;
        }
        if self.is_stopping {
            self.drain();
        }
        self.heal();
        self.come_to_its_end().await;
        self.world.check_end(&self.rules);
    }

    async fn happen(&mut self, event: Event) {
        match event {
            Event::Store => self.store(),
            Event::Hear => drop(self.hear()),
            Event::Sink => drop(self.sink()),
            Event::Renew => self.renew(),
            Event::HearRenewal => drop(self.hear_renewal()),
            Event::Wake => self.give(Input::Wake),
            Event::Pass => self.pass().await,
            Event::Commit => self.world.commit(&mut self.rules),
            Event::Operate => self.world.operate(),
            Event::Others => self.world.others(&mut self.rules),
            Event::Sleep => {
                let asleep = Duration::from_millis(self.random.u64(0..20_000));
                advance(asleep).await;
                self.behind += asleep;
                self.sleeps += 1;
            }
            Event::Stop if self.is_stopping => self.drain(),
            Event::Stop => self.stop(),
            Event::Kill => self.kill(),
        }
    }

    /// As the core's machine sees it.
    fn now(&self) -> Instant {
        Instant::now() - self.behind
    }

    /// Nothing is under way, and nothing is to be heard.
    fn is_idle(&self) -> bool {
        self.asked.is_empty() && self.answers.is_empty() && self.publishing.is_empty()
    }

    fn has_slept(&self) -> bool {
        self.sleeps != self.sleeps_known
    }

    /// When the core wants to be asked, seen from now. After a sleep it waits for a renewal.
    fn next_due(&self) -> Option<Duration> {
        let due = self.core.next_due(self.now()).filter(|_| !self.has_slept());
        due.map(|due| due - self.now())
    }

    fn give(&mut self, input: Input) {
        self.inputs += 1;
        let (now, has_slept) = (self.now(), self.has_slept());
        let (was_idle, is_renewal) = (self.is_idle(), matches!(input, Input::Tenure(_)));
        if has_slept {
            self.core.slept();
        }
        self.rules.heard(&input, &self.config);
        let shown = self.is_shown.then(|| format!("{input:?}"));
        let mut effects = Vec::new();
        self.core.handle(now, input, &mut effects);
        if let Some(input) = shown {
            let effects: Vec<String> = effects.iter().filter_map(short).collect();
            println!("{input}\n    => {effects:?}");
        }
        let allowed = Allowed { now, has_slept, is_stopping: self.is_stopping };
        for effect in effects {
            self.rules.check(&effect, &allowed, &self.world, &self.publishing);
            match effect {
                Effect::Publish(envelope, _) => self.publishing.push(envelope),
                Effect::Close(leases) => self.give_up(&leases),
                Effect::Tell(_) => {}
                effect => self.asked.push(effect),
            }
        }
        if is_renewal && was_idle && self.is_idle() && !self.is_stopping {
            self.rules.check_share();
        }
        self.rules.check_room(&self.core, &self.asked, &self.answers, &self.config);
    }

    fn give_up(&mut self, leases: &[Lease]) {
        self.given_up.retain(|old| leases.iter().all(|new| new.lane != old.lane));
        self.given_up.extend(leases);
    }

    fn store(&mut self) {
        if self.asked.is_empty() {
            return;
        }
        let effect = self.asked.swap_remove(self.random.usize(..self.asked.len()));
        if let Effect::Settle(changes) = &effect {
            self.rules.written(changes, &self.config, &self.world, &self.publishing);
        }
        let again = match &effect {
            // It is done, and the answer is lost on its way: then it is asked again.
            Effect::Settle(changes) if self.world.is_lost() => Some(Effect::Settle(changes.clone())),
            _ => None,
        };
        let answer = self.world.answer(effect);
        match again {
            Some(effect) => self.asked.push(effect),
            None => self.answers.push(answer),
        }
    }

    /// Whether there was something.
    fn hear(&mut self) -> bool {
        let is_some = !self.answers.is_empty();
        if is_some {
            let answer = self.answers.swap_remove(self.random.usize(..self.answers.len()));
            self.give(answer);
        }
        is_some
    }

    /// Whether there was something.
    fn sink(&mut self) -> bool {
        if self.publishing.is_empty() {
            return false;
        }
        let count = self.random.usize(1..=self.publishing.len().min(4));
        let results: Vec<Published> = std::iter::repeat_with(|| {
            let envelope = self.publishing.swap_remove(self.random.usize(..self.publishing.len()));
            let outcome = self.world.publish(&envelope);
            self.rules.published(&envelope, &outcome);
            (envelope, outcome)
        })
        .take(count)
        .collect();
        self.is_stopping |= results.iter().any(|(_, outcome)| matches!(outcome, Err(SinkError::Closed(_))));
        self.give(Input::Published(results));
        true
    }

    fn renew(&mut self) {
        let tenure = self.world.renew(&self.given_up, &self.config, self.now());
        self.renewal = Some((tenure, self.sleeps));
    }

    /// Whether there was one.
    fn hear_renewal(&mut self) -> bool {
        let Some((tenure, sleeps)) = self.renewal.take() else { return false };
        self.sleeps_known = sleeps;
        self.give(Input::Tenure(tenure));
        true
    }

    async fn pass(&mut self) {
        let due = self.next_due();
        let some = Duration::from_millis(match self.random.u32(0..20) {
            0 => 5_000,
            1..4 => 500,
            _ => 20,
        });
        advance(due.filter(|_| self.random.bool()).unwrap_or(some)).await;
        self.give(Input::Tick);
    }

    fn stop(&mut self) {
        self.is_stopping = true;
        self.give(Input::Stop);
    }

    /// What is under way ends; then another one begins.
    fn drain(&mut self) {
        while !self.core.is_drained() {
            assert!(!self.is_idle(), "a stop waits for what is not under way");
            self.store();
            if !self.hear() {
                self.sink();
            }
        }
        self.world.check_drained(&self.rules);
        self.world.leave();
        self.begin_again();
    }

    /// The process ends: whether the sink has what was under way, nobody was told.
    fn kill(&mut self) {
        for envelope in std::mem::take(&mut self.publishing) {
            if self.random.bool() {
                self.rules.delivered(&envelope);
            }
        }
        self.begin_again();
    }

    fn begin_again(&mut self) {
        self.world.rename();
        self.rules.forget();
        let now = self.now();
        self.core = core(&mut self.random, &self.config, &self.world, now);
        (self.asked, self.answers, self.publishing) = (vec![], vec![], vec![]);
        (self.renewal, self.given_up, self.is_stopping) = (None, vec![], false);
        self.sleeps_known = self.sleeps;
    }

    /// From now on nothing fails and nobody interferes. What is under way still ends in any order.
    fn heal(&mut self) {
        self.world.heal(&mut self.rules);
        self.inputs = 0;
        self.give(Input::Wake);
    }

    /// Nobody wakes the core any more: it gets what it has asked for, its time, and renewals, which come anyhow.
    async fn come_to_its_end(&mut self) {
        let inputs_max = INPUTS_BESIDES + INPUTS_A_ROW * self.world.count();
        let mut vain = 0;
        while !(self.core.is_empty() && self.rules.lanes() == usize::from(self.world.store.lanes())) {
            assert!(self.inputs < inputs_max, "it goes on and on: {:?}", self.world);
            let event = match self.random.u32(0..3) {
                0 if !self.asked.is_empty() => Event::Store,
                1 if !self.publishing.is_empty() => Event::Sink,
                _ => Event::Hear,
            };
            self.happen(event).await;
            if !self.is_idle() {
                vain = 0;
            } else if let Some(due) = self.next_due() {
                advance(due).await;
                self.give(Input::Tick);
            } else {
                // The first one at once: it is what allows publishes, and tells of lanes and commands.
                let is_stuck = vain > 0 && self.has_everything() || vain == VAIN_MAX;
                assert!(!is_stuck, "it waits for what need not come: {:?}", self.world);
                advance(self.config.lease_renew * vain.min(1)).await;
                self.renew();
                self.hear_renewal();
                vain += 1;
            }
        }
    }

    /// A renewal would tell nothing new, and the sink's next probe is within the lease.
    fn has_everything(&self) -> bool {
        let has_lanes = self.rules.lanes() == usize::from(self.world.store.lanes());
        has_lanes && self.config.retry.cap < Duration::from_secs(3)
    }
}

fn core(random: &mut Rng, config: &RelayConfig, world: &World, now: Instant) -> Core {
    let (lanes, commits_late) = (world.store.lanes(), world.store.commits_late());
    Core::new(config.clone(), random.u64(..), lanes, commits_late, now)
}
