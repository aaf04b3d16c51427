//! The scenes that `main` plays and the book shows. On the real clock they take less than 5 s in all.

use shared::{Journal, Pace, Story};

use crate::broker::{Broker, Gauge, outbox};
use crate::{overload, relay, wrong};

/// The wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 23: backpressure")
        .hurried_scene("unbounded", "Wrong: 10,000 events, and a task for each", 4, unbounded)
        .hurried_scene("acquire-inside", "Wrong: the permit is acquired inside the task", 4, acquire_inside)
        .hurried_scene(
            "permit-first",
            "Right: the permit is acquired before the event is read",
            4,
            permit_first,
        )
        .hurried_scene("measured", "10,000 events, at most 100 in flight, three ways", 8, measured)
        .scene("dropped", "The source does not wait: drop", overload::drop_it)
        .scene("rejected", "The source does not wait: reject", overload::reject)
        .scene("parked", "The source does not wait: park", overload::park)
}

async fn unbounded(journal: Journal, pace: Pace) {
    let broker = Broker::new(pace);
    journal.log("relay", "spawns 10000 tasks");
    wrong::unbounded(outbox(10_000, Journal::new()), broker.clone()).await;
    log_end(&broker, &journal);
}

async fn acquire_inside(journal: Journal, pace: Pace) {
    let broker = Broker::new(pace);
    wrong::acquire_inside(outbox(1000, journal.clone()), 50, broker.clone()).await;
    log_end(&broker, &journal);
}

async fn permit_first(journal: Journal, pace: Pace) {
    let broker = Broker::new(pace);
    relay::permit_first(outbox(1000, journal.clone()), 50, broker.clone()).await;
    log_end(&broker, &journal);
}

fn log_end(broker: &Broker, journal: &Journal) {
    let Gauge { tasks, peak, published, timed_out, .. } = broker.gauge();
    journal.log("relay", format_args!("at most {tasks} tasks alive and {peak} publishes in flight"));
    journal.log("relay", format_args!("{published} published, {timed_out} timed out"));
}

/// Three relays side by side. Each has an outbox and a broker of its own.
async fn measured(journal: Journal, pace: Pace) {
    let [first, second, third] = [Broker::new(pace), Broker::new(pace), Broker::new(pace)];
    let silent = Journal::new();
    tokio::join!(
        async {
            wrong::batches(outbox(10_000, silent.clone()), 100, &first).await;
            log_average("batches", &first, &journal);
        },
        async {
            relay::permit_first(outbox(10_000, silent.clone()), 100, second.clone()).await;
            log_average("permit first", &second, &journal);
        },
        async {
            relay::for_each(outbox(10_000, silent.clone()), 100, &third).await;
            log_average("for_each", &third, &journal);
        },
    );
}

fn log_average(relay: &str, broker: &Broker, journal: &Journal) {
    let gauge = broker.gauge();
    let (rate, each_ms) = (gauge.per_second(), gauge.seconds_each() * 1000.0);
    let (average, peak) = (gauge.on_average(), gauge.peak);
    journal.log(
        relay,
        format_args!(
            "{rate:.0} a second x {each_ms:.1} ms = {average:.1} in flight on average, at most {peak}"
        ),
    );
}
