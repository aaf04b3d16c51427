//! Milestone 4: it retries, and keeps the order of each key.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::sut::contract::{Report, Settings, WhenEmpty};
use super::world::{MARK_MS, SLACK_MS, World, row, settings};

fn retrying(attempts_max: u32, backoff_ms: u64, in_flight_max: usize) -> Settings {
    Settings { attempts_max, backoff: Duration::from_millis(backoff_ms), in_flight_max, ..settings() }
}

/// The events of each key were confirmed, or given up, in the order of their ids, one at a time.
#[track_caller]
fn expect_order(world: &World, keys: &BTreeMap<u64, String>) {
    let mut last: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (&id, key) in keys {
        let record = world.record(id);
        let (Some(&begun), Some(&(over, _))) = (record.begun.first(), record.outcomes.last()) else {
            world.expect(false, format_args!("event {id} of {key} was never published"));
            return;
        };
        if let Some((before, ended)) = last.insert(key, (id, over)) {
            world.expect(
                begun >= ended,
                format_args!(
                    "event {id} of {key} was published at {begun} ms, and event {before} of the same key was in progress until \
                     {ended} ms: if it fails then, they are delivered out of order"
                ),
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_transient_failure_is_retried_after_a_wait_that_doubles() {
    let world = World::new(vec![row(4, 30).fails_first(4), row(9, 310)]);
    let (report, _) = world.run(retrying(6, 400, 10), CancellationToken::new()).await;
    world.expect_all_sent([4, 9]);
    let record = world.record(4);
    for (attempt, wait_ms) in [400, 800, 1600, 3200].into_iter().enumerate() {
        let waited = record.begun[attempt + 1] - record.outcomes[attempt].0;
        let most_ms = wait_ms + wait_ms / 2 + SLACK_MS;
        world.expect(
            (wait_ms..=most_ms).contains(&waited),
            format_args!(
                "after failure {} of event 4 the relay waited for {waited} ms; the back-off is {wait_ms} ms, and up to half of \
                 it more as jitter",
                attempt + 1
            ),
        );
    }
    assert_eq!(report, Report { sent: 2, failed: 0, given_up: 0 }, "both are sent; `run` reports (left)");
}

#[tokio::test(start_paused = true)]
async fn an_attempt_may_become_due_during_a_query() {
    let world = World::slow(400, MARK_MS, vec![row(4, 30).fails_first(2), row(9, 310)]);
    let (_, returned_at) = world.run(retrying(5, 130, 10), CancellationToken::new()).await;
    world.expect_all_sent([4, 9]);
    world.expect(
        returned_at < 6_000,
        format_args!("a query takes 400 ms here, and `run` took {returned_at} ms for two retries"),
    );
}

#[tokio::test(start_paused = true)]
async fn after_the_last_attempt_an_event_has_failed() {
    let rows = vec![
        row(4, 20).of_key("a").fails_first(3),
        row(5, 30).of_key("b").fails_first(2),
        row(6, 10).of_key("a"),
        row(7, 15).refused(),
    ];
    let world = World::new(rows);
    let (report, _) = world.run(retrying(3, 150, 10), CancellationToken::new()).await;
    let attempts = world.record(4).begun.len();
    world.expect(attempts == 3, format_args!("event 4 was tried {attempts} times, and `attempts_max` is 3"));
    world.expect_failed(4, "no connection for event 4");
    let attempts = world.record(7).begun.len();
    world.expect(
        attempts == 1,
        format_args!("event 7 was tried {attempts} times, and it was refused for good the first time"),
    );
    world.expect_failed(7, "event 7 has no schema");
    world.expect_all_sent([5, 6]);
    expect_order(&world, &BTreeMap::from([(4, "a".to_owned()), (6, "a".to_owned())]));
    assert_eq!(
        report,
        Report { sent: 2, failed: 2, given_up: 0 },
        "2 are sent, 2 fail; `run` reports (left)"
    );
}

#[tokio::test(start_paused = true)]
async fn the_events_of_a_key_are_delivered_in_order() {
    // Seven keys, interleaved; some events fail once or twice, some are refused, one makes the client panic.
    let (mut rows, mut keys) = (Vec::new(), BTreeMap::new());
    for id in 1..=140_u64 {
        let key = format!("order-{}", id * id % 11);
        keys.insert(id, key.clone());
        let row = row(id, 10 + id * 53 % 211).of_key(&key);
        rows.push(match id % 13 {
            5 => row.fails_first(1),
            8 => row.fails_first(2),
            11 => row.refused(),
            _ if id == 74 => row.panics(),
            _ => row,
        });
    }
    rows.reverse();
    let world = World::new(rows);
    let (report, _) = world.run(retrying(3, 90, 4), CancellationToken::new()).await;
    expect_order(&world, &keys);
    let refused = |id: &u64| id % 13 == 11 || *id == 74;
    world.expect_all_sent(keys.keys().copied().filter(|id| !refused(id)));
    let failed = keys.keys().filter(|id| refused(id)).count();
    let expected = Report { sent: 140 - failed, failed, given_up: 0 };
    assert_eq!(report, expected, "{failed} of 140 events are refused or panic; `run` reports (left)");
    let peak = world.in_flight_peak();
    world.expect(peak == 4, format_args!("4 events of different keys can be in flight, and {peak} were"));
}

#[tokio::test(start_paused = true)]
async fn keys_that_fail_do_not_delay_the_others() {
    // The oldest rows are of four keys that fail for a long time, and there are many of them.
    let failing = |id: u64| row(id, 25).of_key(&format!("failing-{}", id % 4)).fails_first(5);
    let mut rows: Vec<_> = (1..=200).map(failing).collect();
    rows.extend((201..=230).map(|id| row(id, 60 + id % 9 * 10).of_key(&format!("healthy-{}", id % 5))));
    let world = World::new(rows);
    let polling =
        Settings { when_empty: WhenEmpty::PollEvery(Duration::from_millis(200)), ..retrying(10, 8_000, 2) };
    world.run(polling, world.stop_at(20_000)).await;
    // 30 events of at most 140 ms in two slots are done within 2.5 s.
    let late = (201..=230).find(|id| world.record(*id).confirmed_at().is_none_or(|at| at > 4_000));
    world.expect(
        late.is_none(),
        format_args!(
            "event {} of a healthy key was not confirmed within 4000 ms, because four other keys fail: an event that waits for \
             its next attempt must take no slot",
            late.unwrap_or_default()
        ),
    );
    world.expect_all_sent(201..=230);
    let overtaken = (5..=200).find(|id| !world.record(*id).begun.is_empty());
    world.expect(
        overtaken.is_none(),
        format_args!(
            "event {overtaken:?} was published although an earlier event of its key is still to be retried"
        ),
    );
}

#[tokio::test(start_paused = true)]
async fn a_stop_does_not_wait_for_the_next_attempt() {
    let world = World::new(vec![row(4, 30).fails_first(3), row(6, 500)]);
    let polling =
        Settings { when_empty: WhenEmpty::PollEvery(Duration::from_millis(200)), ..retrying(5, 60_000, 10) };
    let (report, returned_at) = world.run(polling, world.stop_at(120)).await;
    world.expect_all_sent([6]);
    let attempts = world.record(4).begun.len();
    world.expect(
        attempts == 1,
        format_args!("event 4 was tried {attempts} times before and after the stop, and once is right"),
    );
    world.expect(
        returned_at < 500 + 2 * SLACK_MS,
        format_args!(
            "event 6 was in flight until 503 ms, event 4 only waited for its next attempt; `run` returned at {returned_at} ms"
        ),
    );
    assert_eq!(
        report,
        Report { sent: 1, failed: 0, given_up: 0 },
        "event 6 is sent, and event 4 stays unsent; `run` reports (left)"
    );
}
