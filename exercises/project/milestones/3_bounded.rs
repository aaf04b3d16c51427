//! Milestone 3: it is bounded.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::sut::contract::{Report, Settings, WhenEmpty};
use super::world::{MARK_MS, QUERY_MS, World, row, settings};

fn at_most(in_flight_max: usize) -> Settings {
    Settings { in_flight_max, ..settings() }
}

#[track_caller]
fn expect_bounds(world: &World, in_flight_max: usize) {
    let (in_flight, out) = (world.in_flight_peak(), world.out_peak());
    world.expect(
        in_flight <= in_flight_max,
        format_args!("{in_flight} events were in flight at the same time, and {in_flight_max} are allowed"),
    );
    world.expect(
        out <= 2 * in_flight_max,
        format_args!(
            "the relay had taken {out} rows from the outbox that were not marked yet; with {in_flight_max} in flight, {} are \
             allowed: the rest belongs in the outbox, and not in memory",
            2 * in_flight_max
        ),
    );
}

#[tokio::test(start_paused = true)]
async fn a_backlog_of_2000_events_does_not_change_the_bounds() {
    // From 5 to 103 ms each, in no order.
    let takes = |id: u64| 5 + id * 37 % 99;
    let world =
        World::new((1..=2000).map(|id| row(id * 7 % 2001, takes(id))).filter(|row| row.id > 0).collect());
    let all = world.ids().len();
    let (report, returned_at) = world.run(at_most(16), CancellationToken::new()).await;
    expect_bounds(&world, 16);
    world.expect_all_sent(world.ids());
    let peak = world.in_flight_peak();
    world.expect(peak == 16, format_args!("16 events may be in flight, and never more than {peak} were"));
    // 54 ms on average, and 7 to mark, by 16. A query holds up at most one slot.
    let ideal_ms = u64::try_from(all).unwrap() * (54 + MARK_MS) / 16;
    world.expect(
        returned_at < ideal_ms * 3 / 2,
        format_args!(
            "{all} events with 16 in flight can be done in about {ideal_ms} ms; `run` took {returned_at} ms"
        ),
    );
    assert_eq!(report, Report { sent: all, failed: 0, given_up: 0 }, "all are sent; `run` reports (left)");
}

#[tokio::test(start_paused = true)]
async fn a_slow_event_takes_one_slot_and_no_more() {
    let mut rows: Vec<_> = (2..=61).map(|id| row(id, 170 + id % 7 * 20)).collect();
    rows.push(row(1, 100_000));
    let world = World::new(rows);
    let (_, _) = world.run(at_most(3), CancellationToken::new()).await;
    expect_bounds(&world, 3);
    world.expect_all_sent(world.ids());
    let last = (2..=61).filter_map(|id| world.record(id).confirmed_at()).max().unwrap_or_default();
    // 60 events of 230 ms at most in two slots are 6.9 s.
    let most_ms = 30 * (290 + MARK_MS + 2 * QUERY_MS);
    world.expect(
        last < most_ms,
        format_args!(
            "one slow event took one of 3 slots, so the 60 others could be confirmed within {most_ms} ms in the other two; the \
             last one was confirmed at {last} ms"
        ),
    );
}

#[tokio::test(start_paused = true)]
async fn a_broker_that_stands_still_stops_the_reading() {
    let world = World::new((1..=500).map(|id| row(id, 0).never_answered()).collect());
    let polling = Settings {
        when_empty: WhenEmpty::PollEvery(Duration::from_secs(2)),
        deadline: Duration::from_millis(300),
        ..at_most(5)
    };
    let (report, _) = world.run(polling, world.stop_at(600_000)).await;
    expect_bounds(&world, 5);
    let queries = world.queries().len();
    world.expect(
        queries < 400,
        format_args!("{queries} queries in ten minutes in which the broker answered nothing"),
    );
    assert_eq!(
        report,
        Report { sent: 0, failed: 0, given_up: 5 },
        "5 events were in flight, and none had an answer; `run` reports (left)"
    );
}

#[tokio::test(start_paused = true)]
async fn one_in_flight_is_one_after_another() {
    let world =
        World::new(vec![row(4, 300), row(2, 50), row(7, 0).refused(), row(9, 120), row(5, 10).panics()]);
    world.run(at_most(1), CancellationToken::new()).await;
    expect_bounds(&world, 1);
    world.expect_all_sent([2, 4, 9]);
    world.expect_failed(7, "event 7 has no schema");
    world.expect_failed(5, "");
}
