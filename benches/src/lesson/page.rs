//! What `lesson` has measured, as a part of the chapter.

use std::fmt::Write;
use std::fs;

use super::{Figures, Work};
use crate::report::ROUNDS;
use crate::results;
use crate::server::{NATS_SERVER, ROOT};

/// Not `.md`: it is no page of its own.
const PATH: &str = "book/src/measured/30-message-bus.txt";
const PROJECT_PATH: &str = "book/src/measured/project-6.txt";

pub const PROJECT: &str = "the project's bus";

pub const ACTOR: &str = "the actor bus";
pub const RECEIPTS: &str = "the actor bus, each receipt awaited";
pub const LOCK: &str = "its table behind a lock, without the actor";
pub const BROADCAST: &str = "`tokio::sync::broadcast`";
pub const CAPSTONE: &str = "the capstone's bus";
pub const LISTENER: &str = "the capstone's listener, localhost TCP";
pub const NATS: &str = "nats-server, localhost TCP";
pub const REDIS: &str = "Redis Pub/Sub, localhost TCP";

/// Read in November 2026: 95th percentiles of July 2026, of which half is the way there.
const BETWEEN_DATA_CENTRES: &str = "\
| between data centres, **not measured**: a round trip of the network alone, [as Azure documents \
it](https://learn.microsoft.com/en-us/azure/networking/azure-network-latency) | | | | 11 ms from East US to East US 2, 91 ms to \
West Europe | |

";

const NOTES: &str = "
Every message is counted, and none is dropped: publishers are at most 1,024 messages ahead. Latency is that of one message at a time on
two threads. Over TCP the messages have 31 to 100 bytes, and client and server share the cores. The client is `async-nats`, which takes
more processor time than either server; for Redis it would be sockets of our own.

The figures depend on what else the machine does. Over six runs the actor's best was 2.1 to 4.7 million, and its p99 4.6 to 22.8 µs: with
other programs at work it was past the claimed 10 µs. The run shown is the one on the quietest machine.
";

pub struct Row<'a> {
    pub name: &'static str,
    pub figures: &'a Figures,
}

/// Prints it and writes the file that the chapter includes.
pub fn keep(rows: &[Row], redis: Option<&str>) -> Result<(), String> {
    write(PATH, &page(rows, redis))
}

/// The same for the page of the project's last milestone.
pub fn keep_project(rows: &[Row]) -> Result<(), String> {
    write(PROJECT_PATH, &(head("project", &[results::machine(), results::package("tokio")]) + &body(rows)))
}

fn write(place: &str, text: &str) -> Result<(), String> {
    print!("{text}");
    let path = format!("{ROOT}/{place}");
    let folder = path.rsplit_once('/').map_or(ROOT, |(folder, _)| folder);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&path, text))
        .map_err(|error| format!("{place}: {error}"))?;
    eprintln!("kept in {place}");
    Ok(())
}

fn page(rows: &[Row], redis: Option<&str>) -> String {
    let mut versions = vec![
        results::machine(),
        results::package("tokio"),
        results::package("async-nats"),
        results::program(NATS_SERVER),
    ];
    versions.extend(redis.map(|version| format!("Redis {version}")));
    let mut text = head("lesson", &versions) + &body(rows);
    if redis.is_none() {
        writeln!(text, "| {REDIS} | not installed | | | | |").expect("a string");
    }
    text += BETWEEN_DATA_CENTRES;
    text + &claims(rows) + NOTES
}

fn head(what: &str, versions: &[String]) -> String {
    format!(
        "Measured by `just bench {what}`: medians of {ROUNDS} rounds in turn, on {}. Trust the \
         ratios, not the figures. `4 → 1` is four publishers and one subscriber.\n\n\
         | messages a second (and ns for each) | 1 → 1, one thread | 1 → 1, two threads | 4 → 1, two threads | publish to receive: median | p99 |\n\
         | --- | --: | --: | --: | --: | --: |\n",
        versions.join(", ")
    )
}

fn body(rows: &[Row]) -> String {
    let mut text = String::new();
    for Row { name, figures } in rows {
        let rate = |work| figures.median(work).map_or("–".to_owned(), rate);
        let latency = |work| figures.median(work).map_or("–".to_owned(), latency);
        let [one, two, four] = [Work::OneThread, Work::TwoThreads, Work::FourPublishers].map(rate);
        let [median, slowest] = [Work::Median, Work::Slowest].map(latency);
        writeln!(text, "| {name} | {one} | {two} | {four} | {median} | {slowest} |").expect("a string");
    }
    text
}

fn rate(millions: f64) -> String {
    format!("{millions:.2} M ({:.0} ns)", 1e3 / millions)
}

fn latency(us: f64) -> String {
    format!("{us:.1} µs")
}

fn claims(rows: &[Row]) -> String {
    let of = |name: &str, work| {
        let row = rows.iter().find(|row| row.name == name).expect("a row");
        row.figures.median(work).expect("it was measured")
    };
    let works = [Work::OneThread, Work::TwoThreads, Work::FourPublishers];
    let best = |name| works.map(|work| of(name, work)).into_iter().fold(0.0, f64::max);
    let [actor, lock, broadcast, capstone] = [ACTOR, LOCK, BROADCAST, CAPSTONE].map(best);
    let (median, slowest) = (of(ACTOR, Work::Median), of(ACTOR, Work::Slowest));
    let faster = |name: &str| of(ACTOR, Work::TwoThreads) / of(name, Work::TwoThreads);
    let sooner = |name: &str| of(name, Work::Median) / of(ACTOR, Work::Median);
    format!(
        "| often claimed of a bus like this one | measured here |\n\
         | --- | --- |\n\
         | 10 million messages a second | {}: at best {actor:.1} million through the actor and {lock:.1} million with the lock; \
           `broadcast` made {broadcast:.1}, the capstone's bus {capstone:.1} |\n\
         | less than 10 µs | {}: {median:.1} µs in the median, {slowest:.1} µs at p99, on an idle bus |\n\
         | 100 to 1000 times as fast as a network broker | {}: {:.1} times the messages a second of nats-server on \
           localhost and {:.1} times those of the capstone's listener; a message arrives {:.0} and {:.0} times as soon |\n",
        verdict(actor.max(lock) >= 10.0),
        if slowest < 10.0 {
            "true"
        } else if median < 10.0 {
            "true of most"
        } else {
            "not so"
        },
        verdict(faster(NATS) >= 100.0 && sooner(NATS) >= 100.0),
        faster(NATS),
        faster(LISTENER),
        sooner(NATS),
        sooner(LISTENER),
    )
}

fn verdict(holds: bool) -> &'static str {
    if holds { "true" } else { "not so" }
}
