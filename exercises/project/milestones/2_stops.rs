//! Milestone 2: it stops cleanly.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::sut::contract::{Report, Settings, WhenEmpty};
use super::world::{MARK_MS, Outcome, QUERY_MS, SLACK_MS, World, row, settings};

/// A service: it polls, and has a deadline.
fn service(poll_ms: u64, deadline_ms: u64) -> Settings {
    Settings {
        when_empty: WhenEmpty::PollEvery(Duration::from_millis(poll_ms)),
        deadline: Duration::from_millis(deadline_ms),
        ..settings()
    }
}

/// Nothing is queried or published after the stop.
#[track_caller]
fn expect_nothing_begins_after(world: &World, stop_ms: u64) {
    if let Some(at) = world.queries().into_iter().find(|at| *at > stop_ms) {
        world.expect(
            false,
            format_args!("`stop` was cancelled at {stop_ms} ms, and a query began at {at} ms"),
        );
    }
    for id in world.ids() {
        if let Some(at) = world.record(id).begun.into_iter().find(|at| *at > stop_ms) {
            world.expect(
                false,
                format_args!("`stop` was cancelled at {stop_ms} ms, and event {id} was published at {at} ms"),
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn it_polls_until_it_is_stopped() {
    let world = World::new(vec![row(3, 150)]);
    world.insert_at(2_345, row(8, 70));
    world.insert_at(9_010, row(6, 400));
    let (report, returned_at) = world.run(service(500, 3_000), world.stop_at(12_000)).await;
    world.expect_all_sent([3, 6, 8]);
    for (id, committed_at) in [(8, 2_345), (6, 9_010)] {
        let begun = world.record(id).begun[0];
        world.expect(
            begun <= committed_at + 500 + SLACK_MS,
            format_args!(
                "event {id} was committed at {committed_at} ms and published at {begun} ms, and the outbox is to be queried \
                 every 500 ms"
            ),
        );
    }
    let queries = world.queries().len();
    world.expect(queries < 60, format_args!("{queries} queries in 12 s, and one every 500 ms was asked for"));
    world.expect(
        returned_at >= 12_000,
        format_args!("`run` returned at {returned_at} ms, and `stop` was cancelled at 12000 ms"),
    );
    assert_eq!(report, Report { sent: 3, failed: 0, given_up: 0 }, "3 events are sent; `run` reports (left)");
}

#[tokio::test(start_paused = true)]
async fn what_is_in_flight_is_finished_and_marked() {
    let world = World::new(vec![row(4, 310), row(5, 90), row(7, 820), row(9, 560).refused()]);
    world.insert_at(210, row(11, 30));
    let (report, returned_at) = world.run(service(500, 3_000), world.stop_at(205)).await;
    expect_nothing_begins_after(&world, 205);
    world.expect_all_sent([4, 5, 7]);
    world.expect_failed(9, "event 9 has no schema");
    world.expect(
        returned_at < 820 + MARK_MS + SLACK_MS,
        format_args!(
            "the last event in flight was marked at {} ms, and `run` returned at {returned_at} ms: with nothing in flight there \
             is nothing to wait for",
            world.record(7).marked.map_or(0, |(at, _)| at)
        ),
    );
    assert_eq!(
        report,
        Report { sent: 3, failed: 1, given_up: 0 },
        "of the 4 events in flight, 3 are confirmed and one is refused; `run` reports (left)"
    );
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_publishes_are_dropped() {
    let world = World::new(vec![row(4, 310), row(5, 0).never_answered(), row(7, 150_000), row(9, 90)]);
    let (report, returned_at) = world.run(service(500, 730), world.stop_at(120)).await;
    expect_nothing_begins_after(&world, 120);
    world.expect_all_sent([4, 9]);
    for id in [5, 7] {
        let outcome = world.record(id).outcomes.first().copied();
        let dropped_at = outcome.filter(|(_, outcome)| *outcome == Outcome::Dropped).map(|(at, _)| at);
        world.expect(
            dropped_at.is_some_and(|at| (840..=870).contains(&at)),
            format_args!(
                "event {id} has no answer at the deadline, 120 + 730 ms, so its publish must be dropped then; it was dropped \
                 at {dropped_at:?}"
            ),
        );
    }
    world.expect(
        (840..=850 + SLACK_MS).contains(&returned_at),
        format_args!("the deadline passed at 850 ms, and `run` returned at {returned_at} ms"),
    );
    assert_eq!(
        report,
        Report { sent: 2, failed: 0, given_up: 2 },
        "2 events are sent, and 2 are given up at the deadline; `run` reports (left)"
    );
}

#[tokio::test(start_paused = true)]
async fn what_was_confirmed_before_the_deadline_is_marked() {
    // Both have their answer at about 650 ms; the deadline passes at 700 ms, and marking takes until 850 ms.
    let rows = vec![row(4, 645), row(5, 641).refused(), row(6, 0).never_answered()];
    let world = World::slow(QUERY_MS, 200, rows);
    let (report, returned_at) = world.run(service(500, 600), world.stop_at(100)).await;
    world.expect_all_sent([4]);
    world.expect_failed(5, "event 5 has no schema");
    assert_eq!(
        report,
        Report { sent: 1, failed: 1, given_up: 1 },
        "events 4 and 5 had their answer before the deadline, event 6 had none; `run` reports (left)"
    );
    world.expect(
        returned_at < 900,
        format_args!("everything was marked at about 850 ms, and `run` returned at {returned_at} ms"),
    );
}

#[tokio::test(start_paused = true)]
async fn an_idle_relay_stops_at_once() {
    let world = World::new(vec![row(4, 80)]);
    let (_, returned_at) = world.run(service(60_000, 3_000), world.stop_at(1_234)).await;
    world.expect(
        (1_234..1_234 + SLACK_MS).contains(&returned_at),
        format_args!("nothing was in flight when `stop` was cancelled at 1234 ms, and `run` returned at {returned_at} ms"),
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_query_finds_after_the_stop_is_left_alone() {
    let world = World::slow(400, MARK_MS, vec![row(4, 80), row(6, 30)]);
    let (report, _) = world.run(service(500, 3_000), world.stop_at(150)).await;
    expect_nothing_begins_after(&world, 150);
    assert_eq!(report, Report::default(), "nothing was published; `run` reports (left)");
}

#[tokio::test(start_paused = true)]
async fn a_relay_that_is_stopped_before_it_starts_does_nothing() {
    let world = World::new(vec![row(4, 80)]);
    let stop = CancellationToken::new();
    stop.cancel();
    let (report, returned_at) = world.run(service(500, 3_000), stop).await;
    let untouched = world.record(4).begun.is_empty();
    world.expect(untouched, "`stop` was cancelled before `run` was called, and event 4 was published");
    world.expect(
        returned_at < SLACK_MS,
        format_args!("`stop` was cancelled before `run` was called, and it returned at {returned_at} ms"),
    );
    assert_eq!(report, Report::default(), "nothing was published; `run` reports (left)");
}

#[tokio::test(start_paused = true)]
async fn it_can_be_stopped_before_the_outbox_is_empty() {
    let world = World::new((1..=40).map(|id| row(id, 100 + 7 * id)).collect());
    let bounded = Settings { in_flight_max: 3, deadline: Duration::from_secs(3), ..settings() };
    let (report, _) = world.run(bounded, world.stop_at(50)).await;
    expect_nothing_begins_after(&world, 50);
    let begun = world.ids().into_iter().filter(|id| !world.record(*id).begun.is_empty()).count();
    assert_eq!(
        report,
        Report { sent: begun, failed: 0, given_up: 0 },
        "{begun} events were in flight when `stop` was cancelled, and all of them were confirmed; `run` reports (left)"
    );
}
