//! What the statistics say, as a whole.

use capstone_bus::events::{Events, EventsStats, RatePolicy, RegistrationStats};
use tokio_test::{assert_pending, task};

use super::{Journal, Tick, attempts};
use crate::support::ms;

fn told(stats: &EventsStats) -> Vec<String> {
    let handler = |h: &RegistrationStats| {
        let counts = h.counts;
        format!(
            "{}/{}/{} calls {} busy {} longest {} ok {} failed {} panicked {} late {} skipped {} cut off {} \
             running {} waiting {}",
            h.topic,
            h.handler,
            h.priority,
            counts.calls,
            counts.busy.as_millis(),
            counts.longest.as_millis(),
            counts.handled,
            counts.failed,
            counts.panicked,
            counts.timed_out,
            counts.skipped,
            counts.cut_off,
            counts.running,
            counts.waiting
        )
    };
    stats.handlers.iter().map(handler).collect()
}

#[tokio::test(start_paused = true)]
async fn every_event_is_counted_in_one_place() {
    let (events, journal) = (Events::new(), Journal::start());
    let limited = events.handler().name("limited").concurrency(1).filter(|tick: &Tick| tick.0 != 9);
    limited.on(journal.handler("a", 10));
    let retried = events.handler().name("retried").retry(attempts(3, ms(1)));
    retried.on_fallible(journal.fails("b"));
    events
        .handler::<Tick>()
        .name("late")
        .priority(-1)
        .timeout(ms(5))
        .on(async |_| std::future::pending().await);
    let rated = events.handler::<Tick>().name("rated").rate(1, ms(60_000), RatePolicy::Drop);
    rated.on(async |_| panic!("once"));

    drop(events.emit(Tick(9)).await);
    drop(events.emit(Tick(1)).await);
    let [mut runs, mut waits] = [2, 3].map(|number| task::spawn(events.emit(Tick(number))));
    assert_pending!(runs.poll());
    assert_pending!(waits.poll());
    tokio::time::sleep(ms(4)).await;
    assert_pending!(waits.poll());
    assert_pending!(waits.poll());

    let _during = told(&events.stats());
    assert_eq!(
        told(&events.stats())[0],
        "ticks/limited/0 calls 1 busy 10 longest 10 ok 1 failed 0 panicked 0 late 0 skipped 1 cut off 0 \
         running 2 waiting 1"
    );
    drop(waits);
    drop(runs);
    assert_eq!(
        told(&events.stats()),
        [
            "ticks/limited/0 calls 1 busy 10 longest 10 ok 1 failed 0 panicked 0 late 0 skipped 1 cut off 2 \
             running 0 waiting 0",
            "ticks/retried/0 calls 9 busy 0 longest 0 ok 0 failed 2 panicked 0 late 0 skipped 0 cut off 2 \
             running 0 waiting 0",
            "ticks/late/-1 calls 2 busy 10 longest 5 ok 0 failed 2 panicked 0 late 2 skipped 0 cut off 0 \
             running 0 waiting 0",
            "ticks/rated/0 calls 1 busy 0 longest 0 ok 0 failed 1 panicked 1 late 0 skipped 3 cut off 0 \
             running 0 waiting 0",
        ]
    );
}
