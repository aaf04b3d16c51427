//! The bus and its peers: what is compared, and what is wanted of it.

use crate::{
    fan_out, latency, many_to_one,
    report::{Report, Target},
    table::{self, Table},
};

pub fn run() {
    // First, while the process is small.
    let idle_bytes = table::idle_bytes();
    let mut report = Report::begin();
    for subscribers in [1, 8, 64] {
        let what = format!("1 → {subscribers}, deliveries");
        let (ours, theirs) = (|| fan_out::bus(subscribers), || fan_out::broadcast(subscribers));
        report.compare(&what, "M/s", Target::AtLeast(2.0), ours, "broadcast", theirs);
        let theirs = || fan_out::async_broadcast(subscribers);
        report.compare(&what, "M/s", Target::None, ours, "async-broadcast", theirs);
    }
    report.compare(
        "1 → 64 in batches of 64, deliveries",
        "M/s",
        Target::AtLeast(10.0),
        || fan_out::bus_in_batches(64, 64),
        "broadcast, one by one",
        || fan_out::broadcast(64),
    );
    let (what, ours) = ("4 → 1, messages", || many_to_one::bus(4));
    report.compare(what, "M/s", Target::AtLeast(2.0), ours, "mpsc", || many_to_one::mpsc(4));
    report.compare(what, "M/s", Target::None, ours, "flume", || many_to_one::flume(4));
    report.compare(
        "1 → 7 beside one that is stalled, deliveries",
        "M/s",
        Target::AtLeast(0.9),
        || fan_out::bus_with(7, 1),
        "the bus, none stalled",
        || fan_out::bus(7),
    );
    for percent in [50, 99] {
        let what = format!("idle, publish to receive, p{percent}");
        let (ours, theirs) = (|| latency::bus(percent), || latency::mpsc(percent));
        report.compare(&what, "µs", Target::AtMost(1.5), ours, "mpsc", theirs);
    }
    growth(&mut report);
    report.figure("idle subscription", "bytes", idle_bytes, 1_024.0);
    report.finish("just bench bus");
}

fn growth(report: &mut Report) {
    let [ten, hundred, many] = [10, 100, 100_000].map(Table::new);
    let (ours, theirs) = (|| many.remembered_ns(), || ten.remembered_ns());
    report.compare(
        "remembered match, 100,000 subscriptions",
        "ns",
        Target::AtMost(1.1),
        ours,
        "with 10",
        theirs,
    );
    let (ours, theirs) = (|| many.first_ns(), || hundred.first_ns());
    report.compare("first match, 100,000 subscriptions", "ns", Target::AtMost(2.0), ours, "with 100", theirs);
}
