//! `relay`: the outbox's relay beside bare loops, which it cannot beat, and beside job queues on the same server. What is
//! compared, and what is wanted of it.

mod application;
mod backlog;
mod beside;
mod commits;
mod cpu;
mod jetstream;
mod latency;
mod memory;
mod postgres;
mod queues;
mod sqlite;
mod streams;

use crate::report::Target::*;
use crate::report::{Report, percentile};
use crate::results;
use crate::server::{self, Server};
use application::Application;
pub use application::{APPLICATION, application};
use backlog::{Backlog, Second};
use postgres::Bench;
use queues::Queues;

const ROUNDS: usize = 5;

const NOTES: &str = "\
Payloads have 100 bytes, rows are of 1,000 keys in turn, and each round begins with a copy of one database. The relay has its
default settings and runs from its first lease to its last acknowledgement, in a runtime of two workers that shares the cores with
the server. `nothing` is a sink that answers at once; there, on JetStream and on arrival each row is checked: none lost, none twice,
each key in its order, and the outbox empty at the end.

- Commits are on the disk: `synchronous=FULL` on SQLite, PostgreSQL as it comes, with 1 GB of shared buffers and no checkpoint during a
  round. The bare loops read 500 rows behind a cursor, delete them by number, commit, and go on: one connection, no order to
  keep, nobody to share with, and nothing published meanwhile.
- The open transaction is a snapshot of somebody else in the same database, so that no deleted row can be cleared away.
- The stream is one in files, with the server's defaults. The bare client has its messages ready in memory and waits for at most 500
  acknowledgements. The relay's carry four headers each, of which the server reads one to recognise duplicates; the second row
  gives the bare client's the same.
- `graphile_worker` is set up as in the benchmark that it comes with: 500 at once, 5,000 jobs a fetch, completions gathered for 5 ms. It
  claims and completes each job, keeps no order, and also retries and schedules. `pgmq` is installed as SQL functions, read and deleted
  in batches of 500 by one consumer; reading hides a message from the others by writing it once more, and there is no order by key.
  Both get a JSON string of 100 bytes and run in a process of their own. All are measured until nothing is left of the queue.
- CPU is that of all processes of the server and of the one that the relay runs in, with the sink's check.
- One caller has a commit and its fsync for each message; 64 share them. So it is with publishers of a stream, which await each answer.
- A delivery is counted from the return of its commit in the application, which shares a process with the relay; one that arrives before
  that counts as nothing. The bare commit is one row on a connection of its own, at the same pace.
- The transaction beside a million rows holds a snapshot and has written a row, which is delivered when it commits, after all others. These
  come 200 to a transaction, every 10 ms; the figure is the highest p99 of any 100,000 in turn.
- The slow key takes 5 ms a message; the rate is that of the others, until the last of them has arrived. The parked key was
  refused for good, so that all of its rows are held.
- Keys that fail once do so at their first attempt, and wait for 50 to 100 ms. Of the 20,000 keys in trouble each message is refused, and each has
  been once when the first of the others is committed; they are tried all the time.
- The application in a process of its own commits one row after the other, with the relay's busy handler.
- Memory is the peak of the program's resident set in nine seconds of `capstone relay --sink stdout` into a pipe that nobody reads.

What limits the rows that miss their target:

- PostgreSQL → nothing: server and relay use three quarters of the two cores. What is left is waiting: a window of 1,024 rows is read, published and
  acknowledged in turns of some hundred rows, each with an answer of the server that the next one waits for.
- PostgreSQL → JetStream: relay, PostgreSQL and nats-server share two cores, which are busy with the relay alone and with the bare client alone.
  What both cost together allows about half of the slower one.
- The slow key: 0.90 and 0.89 are within what these rows vary by; both were 0.91 or more in an earlier run.
- Keys that fail once: one that does not fail costs a row that is read and one that is deleted. One that fails is also written down, moved out
  of the index of what is ready, found when it is due, read again and forgotten, so that no memory is needed for it and its attempts
  survive: three more writes of a row and of its indexes. Keeping it in memory until its first retry would spare them, for as many as the window has.
- Beside 20,000 keys in trouble: while it is measured they are due again after 0.1 s, then 0.2 s, and so on, and the store is busy with writing that
  down. A message waits for the flush and the read of such keys that are under way, each of up to 500 rows.
- Beside an application that commits in a loop: SQLite has one writer, and the application takes the lock again as soon as it has given it
  up. Who waits finds it free between two of its naps. They are of 10 to 100 µs; with 50 to 500 the ratio was 0.17, with 2 to 20 it was 0.44,
  and the application's p99 7 times its own. That was where a commit took the application 0.4 ms at p99; here it takes 0.23 ms, and the ratio is 0.11.
";

/// What is measured, in its order.
const PARTS: [&str; 12] = [
    "sqlite",
    "postgres",
    "jetstream",
    "queues",
    "commits",
    "latency",
    "beside",
    "slow-key",
    "parked-key",
    "failing-keys",
    "application",
    "memory",
];

/// All of it, which is kept; or only the parts that are named, which are printed.
pub fn run(only: &[&str]) -> Result<(), String> {
    if let Some(unknown) = only.iter().find(|part| !PARTS.contains(part)) {
        return Err(format!("\"{unknown}\": there is no such part of it; there are: {}", PARTS.join(", ")));
    }
    let is_wanted = |part| only.is_empty() || only.contains(&part);
    let streams = tempfile::tempdir().map_err(|error| error.to_string())?;
    let nats = Server::jetstream(streams.path())?;
    let bench = Bench::start()?;
    let mut versions = ["rusqlite", "tokio-postgres", "async-nats", "tokio"].map(results::package).to_vec();
    versions.extend([
        format!("SQLite {}", rusqlite::version()),
        bench.version(),
        results::program(server::NATS_SERVER),
    ]);
    let queues = is_wanted("queues").then(Queues::built).transpose()?;
    versions.extend(queues.iter().flat_map(Queues::versions));
    let mut report = Report::begin("relay", ROUNDS, &versions);
    for part in PARTS.into_iter().filter(|part| is_wanted(part)) {
        match part {
            "sqlite" => on_sqlite(&mut report),
            "postgres" => on_postgres(&mut report, &bench),
            "jetstream" => to_jetstream(&mut report, &bench, &nats),
            "queues" => queues.iter().for_each(|queues| beside_queues(&mut report, &bench, queues)),
            "commits" => commits(&mut report, &bench),
            "latency" => latency(&mut report, &bench),
            "beside" => beside_open_transaction(&mut report, &bench),
            "slow-key" => slow_key(&mut report, &bench),
            "parked-key" => parked_key(&mut report, &bench),
            "failing-keys" => {
                failing_keys(&mut report, &bench);
                beside_trouble(&mut report, &bench);
            }
            "application" => application_beside(&mut report),
            _ => memory(&mut report, &bench)?,
        }
    }
    if only.is_empty() {
        report.finish(NOTES);
    }
    Ok(())
}

fn on_sqlite(report: &mut Report) {
    let template = sqlite::Template::new(Backlog::of(200_000));
    report.compare(
        "SQLite → nothing",
        "rows/s",
        AtLeast(0.75),
        || sqlite::relay(&template),
        "rusqlite, bare loop",
        || sqlite::bare_loop(&template),
    );
}

fn on_postgres(report: &mut Report, bench: &Bench) {
    let template = bench.template(Backlog::of(100_000));
    report.compare(
        "PostgreSQL → nothing",
        "rows/s",
        AtLeast(0.6),
        || template.relay(),
        "tokio-postgres, bare loop",
        || template.bare_loop(),
    );
    let (ours, theirs) = (|| template.relay_cpu_us(), || template.bare_cpu_us());
    let what = "PostgreSQL → nothing, CPU of server and relay";
    report.compare(what, "µs/row", Shown, ours, "tokio-postgres, bare loop", theirs);
    report.figure(what, "µs/row", template.relay_cpu_us(), 14.0);
    report.compare(
        "PostgreSQL → nothing, a transaction open",
        "rows/s",
        AtLeast(0.6),
        || template.relay_beside_idle(),
        "the relay, none open",
        || template.relay(),
    );
}

fn to_jetstream(report: &mut Report, bench: &Bench, nats: &Server) {
    let backlog = Backlog::of(50_000);
    let template = bench.template(backlog);
    let peers = [
        (AtLeast(0.8), "async-nats, 500 outstanding", jetstream::Headers::None),
        (Shown, "the same with our headers", jetstream::Headers::Relay),
    ];
    for (target, peer, headers) in peers {
        let ours = || jetstream::relay(nats, &template, backlog);
        let theirs = || jetstream::bare(nats, backlog, headers);
        report.compare("PostgreSQL → JetStream", "rows/s", target, ours, peer, theirs);
    }
}

fn beside_queues(report: &mut Report, bench: &Bench, queues: &Queues) {
    const ROWS: u64 = 20_000;
    let template = bench.template(Backlog::of(ROWS));
    for queue in queues::ALL {
        let theirs = || queues.rate(queue, &bench.empty().address(), ROWS);
        let what = format!("PostgreSQL → nothing, {ROWS} rows");
        report.compare(&what, "rows/s", Shown, || template.relay(), queue.name, theirs);
    }
}

fn commits(report: &mut Report, bench: &Bench) {
    let (ours, theirs) = (|| commits::rate(64, 300), || commits::rate(1, 1_000));
    report.compare("SQLite, 64 callers", "commits/s", AtLeast(10.0), ours, "one caller", theirs);
    let outbox = bench.template(Backlog::of(0));
    let (ours, theirs) =
        (|| streams::rate(&outbox.database, 64, 100), || streams::rate(&outbox.database, 1, 500));
    let what = "a stream on PostgreSQL, 64 publishers";
    report.compare(what, "messages/s", AtLeast(5.0), ours, "one publisher", theirs);
}

fn latency(report: &mut Report, bench: &Bench) {
    let sqlite = report.in_turn(|| latency::on_sqlite(0), latency::bare_on_sqlite);
    let database = bench.empty();
    let create = || latency::bare_on_postgres(&database);
    let outbox = bench.template(Backlog::of(0));
    let postgres = report.in_turn(|| latency::on_postgres(&outbox.database, 0), create);
    for (store, rounds) in [("SQLite", sqlite), ("PostgreSQL", postgres)] {
        for (percent, limit) in [(50, 5.0), (99, 25.0)] {
            let what = format!("{store}, commit to delivery at 1,000/s, p{percent}");
            let figure = |samples: &Vec<f64>| percentile(samples.clone(), percent);
            report.row(&what, "µs", AtMost(limit), "a bare commit", &rounds, figure);
        }
    }
}

/// Commit to delivery of the others, just after each of so many keys has failed for the first time.
fn beside_trouble(report: &mut Report, bench: &Bench) {
    const KEYS: u64 = 20_000;
    let outbox = bench.template(Backlog::of(0));
    let on_sqlite = |keys| percentile(latency::on_sqlite(keys), 99);
    let on_postgres = |keys| percentile(latency::on_postgres(&outbox.copy(), keys), 99);
    let stores: [(&str, &dyn Fn(u64) -> f64); 2] = [("SQLite", &on_sqlite), ("PostgreSQL", &on_postgres)];
    for (store, p99) in stores {
        let what = format!("{store}, commit to delivery beside 20,000 keys in trouble, p99");
        report.compare(&what, "µs", AtMost(2.0), || p99(KEYS), "without them", || p99(0));
    }
}

/// Once, for it takes a minute.
fn beside_open_transaction(report: &mut Report, bench: &Bench) {
    let outbox = bench.template(Backlog::of(0));
    let p99 = bench.runtime.block_on(beside::p99_ms(&outbox.database));
    let what = "PostgreSQL, a transaction open, a million rows at 20,000/s, commit to delivery, p99";
    report.figure(what, "ms", p99, 500.0);
}

/// What others reach while one key takes 5 ms a message.
fn slow_key(report: &mut Report, bench: &Bench) {
    let backlogs = [20_000, 0].map(|in_front| Backlog { in_front, ..Backlog::of(500_000) });
    let [with, without] = backlogs.map(sqlite::Template::new);
    let mut row = |store: &str, ours: &dyn Fn() -> f64, theirs: &dyn Fn() -> f64| {
        let what = format!("{store}, 500,000 rows behind 20,000 of a slow key");
        report.compare(&what, "rows/s", AtLeast(0.9), ours, "without them", theirs);
    };
    row("SQLite", &|| sqlite::overtake(&with), &|| sqlite::overtake(&without));
    let [with, without] = backlogs.map(|backlog| bench.template(backlog));
    row("PostgreSQL", &|| with.overtake(), &|| without.overtake());
}

/// What others reach while one key waits for an operator, with a hundred thousand messages.
fn parked_key(report: &mut Report, bench: &Bench) {
    let with = Backlog { in_front: 100_000, ..Backlog::of(50_000) };
    let without = Backlog::of(with.rows);
    let mut row = |store: &str, ours: &dyn Fn() -> f64, theirs: &dyn Fn() -> f64| {
        let what = format!("{store}, 50,000 rows behind 100,000 of a parked key");
        report.compare(&what, "rows/s", AtLeast(0.9), ours, "without them", theirs);
    };
    let [parked, none] = [sqlite::Template::parked(with), sqlite::Template::new(without)];
    row("SQLite", &|| sqlite::relay(&parked), &|| sqlite::relay(&none));
    let [parked, none] = [bench.parked(with), bench.template(without)];
    row("PostgreSQL", &|| parked.relay(), &|| none.relay());
}

/// Each key fails once, and waits for its time.
fn failing_keys(report: &mut Report, bench: &Bench) {
    let backlog = Backlog::of_keys(30_000);
    let mut row = |store: &str, ours: &dyn Fn() -> f64, theirs: &dyn Fn() -> f64| {
        let what = format!("{store}, 30,000 keys that fail once each");
        report.compare(&what, "rows/s", AtLeast(0.5), ours, "keys that do not", theirs);
    };
    let template = sqlite::Template::new(backlog);
    row("SQLite", &|| sqlite::relay_to(&template, true), &|| sqlite::relay_to(&template, false));
    let template = bench.template(backlog);
    let relay = |refuses| template.relay_to(std::sync::Arc::new(Second { refuses }));
    row("PostgreSQL", &|| relay(true), &|| relay(false));
}

/// The relay and an application that commits single rows in a process of its own, on one database.
fn application_beside(report: &mut Report) {
    let template = sqlite::Template::new(Backlog::of(300_000));
    let beside = || {
        let copy = template.copy();
        let application = Application::start(&copy.path);
        let rate = sqlite::drain(&copy, template.backlog);
        (rate, application.stop())
    };
    let alone = || {
        let rate = sqlite::relay(&template);
        let copy = template.copy();
        let application = Application::start(&copy.path);
        std::thread::park_timeout(std::time::Duration::from_millis(700));
        (rate, application.stop())
    };
    let rounds = report.in_turn(beside, alone);
    let what = "SQLite → nothing, beside an application that commits";
    report.row(what, "rows/s", AtLeast(0.5), "the relay alone", &rounds, |(rate, _)| *rate);
    let what = "its commits beside the relay, p99";
    report.row(what, "µs", AtMost(6.0), "the application alone", &rounds, |(_, p99)| *p99);
}

fn memory(report: &mut Report, bench: &Bench) -> Result<(), String> {
    let program = &server::built(server::ROOT, &["--package", "capstone", "--features", "postgres"])?;
    let backlog = Backlog::of(1_000_000);
    let what = |store: &str| format!("{store}, a million rows and a sink that is blocked");
    let template = sqlite::Template::new(backlog);
    let database = format!("sqlite:{}", template.path().display());
    report.figure(&what("SQLite"), "MiB", memory::peak_mib(program, &database), 64.0);
    let template = bench.template(backlog);
    let peak = memory::peak_mib(program, &template.database.address());
    report.figure(&what("PostgreSQL"), "MiB", peak, 64.0);
    Ok(())
}
