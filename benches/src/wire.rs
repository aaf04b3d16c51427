//! `wire`: our listener beside nats-server. The same client drives both over loopback, and nothing may be lost.
//!
//! Two drivers do the same work: the client that applications use, which takes more CPU than either server and so limits
//! the rates, and sockets of our own, which leave the server to be the slowest.

pub mod client;
mod sockets;

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;

use crate::report::Target::*;
use crate::report::{Report, percentile};
use crate::server::{self, Server, Spent};
use crate::{report, results};

const PAYLOAD: [u8; 100] = [b'x'; 100];
/// What the publisher may be ahead of the slowest subscriber. Neither server gets to where it stops publishers or drops.
const AHEAD_MAX: u64 = 16_384;

const NOTES: &str = "\
Payloads have 100 bytes; `1 → 4` is one connection that publishes and four that subscribe. All clients are one process on the
same cores as the server. `async-nats` rows are what an application sees: there the client's CPU is most of the work, so it
limits the rate. `sockets` rows are threads that write batches and count bytes, and show the server's own limit. The
publisher is at most 16,384 messages ahead of the slowest subscriber, so that neither server holds it up or drops a message.
Every subscriber's messages are counted. The servers' CPU is user and system time of their processes, from `/proc`.

What limits our CPU at 1 → 1, by `perf` on the server's process (two seconds with `async-nats`, three times): it is spent on
each publish, not on each delivery. From `sockets`, 1 → 1 and 1 → 4, a publish takes some 190 ns and a delivery some 80; of
nats-server's, 270 and 140. By symbol, before header blocks were carried whole and users had permissions: about 20 % is the decoder,
as much the kernel, 9 % the way to the subscriptions, 7 % the session, 7 % `Batch::collect`, 5 % copying, 6 % encoding and the
outbound buffer. Since then a `PUB` costs 7 % more instructions, one with three headers half (callgrind, client included). More of the
lost targets is nats-server's: in the run kept before this one it took up to 2.5 times as much CPU a delivery as here, and we 1.3 times.
";

/// Two ways to do the same work.
const DRIVERS: [Driver; 2] = [
    Driver {
        name: "async-nats",
        deliver: client::deliver,
        deliveries: 1_600_000,
        ask: client::ask,
        requests: 5_000,
    },
    Driver {
        name: "sockets",
        deliver: sockets::deliver,
        deliveries: 4_000_000,
        ask: sockets::ask,
        requests: 10_000,
    },
];

struct Driver {
    name: &'static str,
    /// One connection publishes so many messages, and each of so many others gets them all.
    deliver: fn(&Server, usize, u64) -> Spent,
    deliveries: u64,
    /// One connection asks, another answers, one request at a time: microseconds each.
    ask: fn(&Server, usize) -> Vec<f64>,
    requests: usize,
}

pub fn run() -> Result<(), String> {
    let (theirs, ours) = (Server::nats()?, Server::ours()?);
    let mut report = Report::begin(
        "wire",
        report::ROUNDS,
        &[results::program(server::NATS_SERVER), results::package("async-nats"), results::package("tokio")],
    );
    for driver in &DRIVERS {
        for subscribers in [1, 4] {
            deliveries(&mut report, driver, subscribers, &ours, &theirs);
        }
        round_trips(&mut report, driver, &ours, &theirs);
    }
    report.finish(NOTES);
    Ok(())
}

fn deliveries(report: &mut Report, driver: &Driver, subscribers: usize, ours: &Server, theirs: &Server) {
    let messages = driver.deliveries / subscribers as u64;
    let work = |server| (driver.deliver)(server, subscribers, messages);
    let rounds = report.in_turn(|| work(ours), || work(theirs));
    let count = (messages * subscribers as u64) as f64;
    let mut row = |what: &str, unit, target, figure: fn(&Spent) -> f64, scale: f64| {
        let what = format!("{}, 1 → {subscribers}, {what}", driver.name);
        report.row(&what, unit, target, "nats-server", &rounds, |spent| scale * figure(spent));
    };
    row("deliveries", "M/s", AtLeast(1.2), |spent| 1.0 / spent.time.as_secs_f64(), count / 1e6);
    row("server's CPU each", "ns", AtMost(0.4), |spent| spent.server.as_secs_f64(), 1e9 / count);
    row("client's CPU each", "ns", Shown, |spent| spent.client.as_secs_f64(), 1e9 / count);
}

fn round_trips(report: &mut Report, driver: &Driver, ours: &Server, theirs: &Server) {
    let work = |server| (driver.ask)(server, driver.requests);
    let rounds = report.in_turn(|| work(ours), || work(theirs));
    for percent in [50, 99] {
        let what = format!("{}, request and reply, p{percent}", driver.name);
        let figure = |samples: &Vec<f64>| percentile(samples.clone(), percent);
        report.row(&what, "µs", AtMost(1.0), "nats-server", &rounds, figure);
    }
}

/// What the subscribers have received, each its own count.
struct Received(Vec<AtomicU64>);

impl Received {
    fn by(subscribers: usize) -> Self {
        Self((0..subscribers).map(|_| AtomicU64::new(0)).collect())
    }

    fn slowest(&self) -> u64 {
        self.0.iter().map(|count| count.load(Relaxed)).min().unwrap_or(0)
    }
}
