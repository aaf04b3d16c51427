//! `bus`: the bus beside channels of its kind, in one process. What is compared, and what is wanted of it.

use capstone_bus::{Publisher, Subscription};

use crate::floor;
use crate::report::Target::*;
use crate::report::{self, Report};
use crate::round::{alone_ns, deliveries, latency_us, measured};
use crate::table::{self, Table};
use crate::{peers, results};

const NOTES: &str = "\
Everybody sends the same message, with topic and payload: `broadcast` and `async-broadcast` an `Arc` of it, the others the
message itself. `broadcast` would lose messages, so its sender looks every 512 messages whether the slowest receiver is
more than 512 behind, and yields. Capacities are 1,024, the runtime has two workers. CPU is that of both processors together.

This machine has two states, by where its host puts the two processors: a cache line goes from one to the other in some 45 ns or in some 190 ns,
which moves every figure by 2 to 3, and can change between two rows. Beside `broadcast`, 1 → 64 was 2.65 in a run in the slow state and 1.65 to 2.0 in the
fast one; 4 → 1 was 1.6 of `mpsc` in the slow and 1.9 to 2.0 in the fast. The rows `on one task` do not depend on it, and vary by some per cent.

What limits the rows that miss their target:

- 1 → 64 in the fast state: a delivery costs 16 ns of CPU on one task, of which a unit of Tokio's budget and a count up and down take some 12. What two
  workers then wait for is the line of each message, and each other's wake-ups.
- 4 → 1 in the slow state: four publishers meet at one lock, whose line goes from one processor to the other. kanal spins there, and is twice as fast.
- Batches that are received one by one: each message costs its delivery, 11 ns of 16, whoever brings it; a batch lies in each mailbox on its own and not in
  the log.
- Idle: p99 is the kernel's and varies from 1.3 to 2.1 times that of `mpsc` from run to run. p50 is one wake-up on both sides.
- An idle subscription takes 512 bytes for its mailbox, which has a cache line of its own for what its consumer counts, 152 for the consumer's side, and
  the rest for its place in the table.

Mixed company: a queue group or keys are offered a copy of each message beside the log, which costs an allocation a message. Where the oldest is dropped,
the consumer takes each message under the mailbox's lock.
";

pub fn run() {
    // First, while the process is small.
    let idle_bytes = table::idle_bytes();
    let peers = ["tokio", "flume", "crossfire", "kanal", "async-broadcast"];
    let mut report = Report::begin("bus", report::ROUNDS, &peers.map(results::package));
    fan_out(&mut report);
    many_to_one(&mut report);
    mixed(&mut report);
    latency(&mut report);
    growth(&mut report);
    alone(&mut report);
    report.figure("idle subscription", "bytes", idle_bytes, 1_024.0);
    report.finish(NOTES);
}

/// So many that a round takes about a fifth of a second.
fn messages_to(receivers: usize) -> usize {
    2_000_000 / (receivers + 4)
}

fn fan_out(report: &mut Report) {
    for (receivers, rate, cpu) in [(1, 1.6, 0.75), (8, 2.0, 0.5), (64, 2.3, 0.45)] {
        let what = format!("1 → {receivers}, deliveries");
        let ours = || measured(peers::bus(1, receivers), messages_to(receivers));
        let theirs = || measured(peers::broadcast(receivers), messages_to(receivers));
        report.rate_and_cpu(&what, [AtLeast(rate), AtMost(cpu)], ours, "broadcast", theirs);
        let ours = || measured(peers::bus_as_streams(receivers), messages_to(receivers));
        let theirs = || measured(peers::broadcast(receivers), messages_to(receivers));
        let what = format!("{what} as a `Stream`");
        report.rate_and_cpu(&what, [AtLeast(rate), AtMost(cpu)], ours, "broadcast", theirs);
        let ours = || deliveries(peers::bus(1, receivers), messages_to(receivers));
        let theirs = || deliveries(peers::async_broadcast(receivers), messages_to(receivers));
        let what = format!("1 → {receivers}, deliveries");
        report.compare(&what, "M/s", Shown, ours, "async-broadcast", theirs);
    }
    let theirs = || deliveries(peers::broadcast(64), messages_to(64));
    let ours = || deliveries(peers::bus_in_batches(64, peers::Together), 64 * messages_to(64));
    let what = "1 → 64 in batches of 64, deliveries";
    report.compare(what, "M/s", AtLeast(10.0), ours, "broadcast, one by one", theirs);
    let ours = || deliveries(peers::bus_in_batches(64, peers::Many::new), 8 * messages_to(64));
    let what = "the same, each received on its own";
    report.compare(what, "M/s", AtLeast(4.0), ours, "broadcast, one by one", theirs);
}

fn many_to_one(report: &mut Report) {
    const MESSAGES: usize = 500_000;
    let what = "4 → 1, messages";
    let ours = || measured(peers::bus(4, 1), MESSAGES);
    let theirs = || measured(peers::mpsc(4), MESSAGES);
    report.rate_and_cpu(what, [AtLeast(1.7), AtMost(0.7)], ours, "mpsc", theirs);
    let ours = || deliveries(peers::bus(4, 1), MESSAGES);
    report.compare(what, "M/s", Shown, ours, "kanal", || deliveries(peers::kanal(4), MESSAGES));
    report.compare(what, "M/s", Shown, ours, "crossfire", || deliveries(peers::crossfire(4), MESSAGES));
    report.compare(what, "M/s", Shown, ours, "flume", || deliveries(peers::flume(4), MESSAGES));
}

/// Beside the same number of plain subscriptions with one publisher, so that a cliff is seen.
fn mixed(report: &mut Report) {
    let mut beside = |what: &str, target, ours: &dyn Fn() -> f64, receivers| {
        let theirs = || deliveries(peers::bus(1, receivers), messages_to(receivers));
        report.compare(what, "M/s", target, ours, "the bus, alike and alone", theirs);
    };
    let all = || deliveries(peers::bus_beside_stalled(7), messages_to(7));
    beside("1 → 7 beside one that is stalled, deliveries", AtLeast(0.95), &all, 7);
    let kinds: [(&str, fn() -> peers::Line<Publisher, Subscription>); 5] = [
        ("1 → 8 of two patterns", peers::bus_of_two_patterns),
        ("1 → 8, each with a filter", peers::bus_with_filters),
        ("1 → 8, one of them a queue group", peers::bus_with_a_group),
        ("1 → 8, one of them a group with keys", peers::bus_with_keys),
        ("1 → 8 that drop their oldest, and have room", peers::bus_that_evicts),
    ];
    for (what, line) in kinds {
        beside(what, Shown, &|| deliveries(line(), messages_to(8)), 8);
    }
    beside("4 → 8", Shown, &|| deliveries(peers::bus(4, 8), messages_to(8) / 4), 8);
    let busy = || deliveries(peers::busy(peers::bus(1, 8)), messages_to(8));
    let theirs = || deliveries(peers::busy(peers::broadcast(8)), messages_to(8));
    let what = "1 → 8 that work 170 ns on each, and so full mailboxes";
    report.compare(what, "M/s", Shown, busy, "broadcast", theirs);
}

fn latency(report: &mut Report) {
    for (percent, target) in [(50, 1.1), (99, 1.3)] {
        let what = format!("idle, publish to receive, p{percent}");
        let ours = || latency_us(peers::bus(1, 1), percent);
        let theirs = || latency_us(peers::mpsc(1), percent);
        report.compare(&what, "µs", AtMost(target), ours, "mpsc", theirs);
    }
}

fn growth(report: &mut Report) {
    let [ten, hundred, many] = [10, 100, 100_000].map(Table::new);
    let (ours, theirs) = (|| many.remembered_ns(), || ten.remembered_ns());
    report.compare("remembered match, 100,000 subscriptions", "ns", AtMost(1.3), ours, "with 10", theirs);
    let (ours, theirs) = (|| many.first_ns(), || hundred.first_ns());
    report.compare("first match, 100,000 subscriptions", "ns", AtMost(1.3), ours, "with 100", theirs);
}

fn alone(report: &mut Report) {
    for receivers in [1, 8, 64] {
        let what = format!("on one task, 1 → {receivers}, a delivery");
        let ours = || alone_ns(peers::bus(1, receivers));
        report.compare(&what, "ns", AtMost(0.7), ours, "broadcast", || alone_ns(peers::broadcast(receivers)));
    }
    let what = "the message alone, made and freed";
    report.compare(what, "ns", Shown, floor::made_ns, "its count, up and down", floor::counted_ns);
}
