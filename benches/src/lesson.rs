//! `lesson`: the bus of lesson 30 beside the same table behind a lock, its kin, and brokers on this machine. The table is a
//! part of the chapter.

mod page;
mod peers;
mod project;
mod redis;

use std::collections::BTreeMap;

use tokio::runtime::{Builder, Runtime};

use crate::peers::{Line, Publish, Receive};
use crate::report::{ROUNDS, percentile};
use crate::round::{deliveries_on, latencies_us, runtime};
use crate::server::Server;
use crate::wire::client;
use page::Row;
pub use project::run as project;
use redis::Redis;

/// For a publisher alone; of four, each sends a quarter. A multiple of 4 x 64, by which the publishers are paced.
const MESSAGES: usize = 204_800;
const OVER_TCP: u64 = 200_000;

/// What one peer makes of one kind of work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Work {
    /// One publisher and one subscriber on a runtime of one thread: millions of messages a second.
    OneThread,
    /// The same on a runtime of two.
    TwoThreads,
    /// Four publishers and one subscriber, likewise.
    FourPublishers,
    /// Publish to receive while nothing else happens: microseconds.
    Median,
    Slowest,
}

/// The figures of all rounds.
#[derive(Default)]
struct Figures(BTreeMap<Work, Vec<f64>>);

impl Figures {
    fn add(&mut self, work: Work, figure: f64) {
        self.0.entry(work).or_default().push(figure);
    }

    fn add_latencies(&mut self, samples: Vec<f64>) {
        self.add(Work::Median, percentile(samples.clone(), 50));
        self.add(Work::Slowest, percentile(samples, 99));
    }

    fn median(&self, work: Work) -> Option<f64> {
        self.0.get(&work).map(|figures| percentile(figures.clone(), 50))
    }
}

/// Measures a peer once.
type Measure<'a> = Box<dyn Fn(&mut Figures) + 'a>;

pub fn run() -> Result<(), String> {
    let (ours, nats, redis) = (Server::ours()?, Server::nats()?, Redis::start()?);
    let mut rows: Vec<(&str, Measure<'_>)> = vec![
        (page::ACTOR, Box::new(|figures| in_process(figures, peers::actor))),
        (page::RECEIPTS, Box::new(|figures| in_process(figures, peers::actor_with_receipts))),
        (page::LOCK, Box::new(|figures| in_process(figures, peers::direct))),
        (page::BROADCAST, Box::new(|figures| in_process(figures, peers::broadcast))),
        (page::CAPSTONE, Box::new(|figures| in_process(figures, peers::capstone))),
        (page::LISTENER, Box::new(|figures| over_tcp(figures, &ours))),
        (page::NATS, Box::new(|figures| over_tcp(figures, &nats))),
    ];
    if let Some(redis) = &redis {
        rows.push((page::REDIS, Box::new(|figures| redis.measure(figures))));
    }
    let all = measure(&rows);
    let names = rows.iter().map(|(name, _)| *name);
    let rows: Vec<Row> = names.zip(&all).map(|(name, figures)| Row { name, figures }).collect();
    page::keep(&rows, redis.as_ref().map(|redis| redis.version.as_str()))
}

/// Several rounds of all peers in turn: their figures in the same order.
fn measure(rows: &[(&str, Measure<'_>)]) -> Vec<Figures> {
    let mut all: Vec<Figures> = rows.iter().map(|_| Figures::default()).collect();
    for round in 0..=ROUNDS {
        // The first round only warms up, and another one begins each time.
        for turn in 0..rows.len() {
            let at = (round + turn) % rows.len();
            eprintln!("round {round} of {ROUNDS}: {}", rows[at].0);
            let mut figures = Figures::default();
            rows[at].1(if round == 0 { &mut figures } else { &mut all[at] });
        }
    }
    all
}

/// All works of a peer in this process. `line` makes a line with so many publishers.
fn in_process<P: Publish, R: Receive>(figures: &mut Figures, line: impl AsyncFn(usize) -> Line<P, R>) {
    let one = |runtime: &Runtime| deliveries_on(runtime, async || line(1).await, MESSAGES);
    figures.add(Work::OneThread, one(&one_thread()));
    figures.add(Work::TwoThreads, one(&runtime()));
    let four = deliveries_on(&runtime(), async || line(4).await, MESSAGES / 4);
    figures.add(Work::FourPublishers, four);
    figures.add_latencies(latencies_us(async || line(1).await));
}

fn over_tcp(figures: &mut Figures, server: &Server) {
    let spent = client::deliver(server, 1, OVER_TCP);
    figures.add(Work::TwoThreads, OVER_TCP as f64 / spent.time.as_secs_f64() / 1e6);
    figures.add_latencies(latencies_us(async || peers::over_tcp(server).await));
}

fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}
