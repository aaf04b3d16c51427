//! Milestone 1: a relay that publishes.

use tokio_util::sync::CancellationToken;

use super::sut::contract::Report;
use super::world::{MARK_MS, SLACK_MS, World, row, settings};

#[tokio::test(start_paused = true)]
async fn events_are_published_concurrently() {
    let takes = [(3, 610), (8, 130), (21, 370), (22, 90), (40, 740), (41, 610), (57, 250)];
    let world = World::new(takes.map(|(id, ms)| row(id, ms)).to_vec());
    let (report, returned_at) = world.run(settings(), CancellationToken::new()).await;
    world.expect_all_sent(world.ids());
    let peak = world.in_flight_peak();
    world.expect(
        peak == 7,
        format_args!(
            "at most {peak} of the 7 events were in flight at the same time: they wait for each other"
        ),
    );
    world.expect(
        returned_at < 740 + MARK_MS + SLACK_MS,
        format_args!("the slowest event takes 740 ms, and `run` returned at {returned_at} ms"),
    );
    assert_eq!(
        report,
        Report { sent: 7, failed: 0, given_up: 0 },
        "all 7 events are sent; `run` reports (left)"
    );
}

#[tokio::test(start_paused = true)]
async fn an_event_is_marked_as_soon_as_it_is_confirmed() {
    let world = World::new(vec![row(5, 900), row(6, 40), row(9, 470), row(11, 210)]);
    world.run(settings(), CancellationToken::new()).await;
    world.expect_all_sent([5, 6, 9, 11]);
    for id in [5, 6, 9, 11] {
        let record = world.record(id);
        let (confirmed, marking) = (record.confirmed_at().unwrap(), record.marking.unwrap());
        world.expect(
            marking < confirmed + SLACK_MS,
            format_args!(
                "event {id} was confirmed at {confirmed} ms, and its marking began at {marking} ms: if the process ends in \
                 between, it is published twice"
            ),
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_bad_event_does_not_stop_the_others() {
    let world =
        World::new(vec![row(2, 310), row(4, 120).refused(), row(5, 500), row(7, 60).panics(), row(9, 230)]);
    let (report, _) = world.run(settings(), CancellationToken::new()).await;
    world.expect_all_sent([2, 5, 9]);
    world.expect_failed(4, "event 4 has no schema");
    world.expect_failed(7, "");
    assert_eq!(
        report,
        Report { sent: 3, failed: 2, given_up: 0 },
        "3 events are sent, one is refused, one panics; `run` reports (left)"
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_but_bad_events() {
    let world = World::new(vec![row(1, 80).panics(), row(2, 30).panics(), row(3, 50).refused()]);
    let (report, _) = world.run(settings(), CancellationToken::new()).await;
    (1..=2).for_each(|id| world.expect_failed(id, ""));
    world.expect_failed(3, "event 3 has no schema");
    assert_eq!(report, Report { sent: 0, failed: 3, given_up: 0 }, "all 3 events fail; `run` reports (left)");
}

#[tokio::test(start_paused = true)]
async fn it_returns_when_nothing_is_unsent() {
    let world = World::new(vec![row(10, 400), row(12, 150)]);
    // Ids are given before a transaction commits: the row that is committed last has the smallest id.
    world.insert_at(170, row(14, 330));
    world.insert_at(350, row(6, 90));
    world.run(settings(), CancellationToken::new()).await;
    world.expect_all_sent([6, 10, 12, 14]);
}

#[tokio::test(start_paused = true)]
async fn marks_do_not_wait_for_each_other() {
    let world = World::new([4, 8, 9, 13, 20, 31].map(|id| row(id, 310)).to_vec());
    world.run(settings(), CancellationToken::new()).await;
    world.expect_all_sent(world.ids());
    for id in world.ids() {
        let record = world.record(id);
        let (confirmed, marking) = (record.confirmed_at().unwrap(), record.marking.unwrap());
        world.expect(
            marking < confirmed + SLACK_MS,
            format_args!(
                "all events were confirmed at {confirmed} ms, and the marking of event {id} began at {marking} ms: it has waited \
                 for other marks"
            ),
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_row_does_not_wait_for_the_slowest_event() {
    let world = World::new(vec![row(10, 4_900), row(12, 150)]);
    world.insert_at(100, row(14, 330));
    world.run(settings(), CancellationToken::new()).await;
    world.expect_all_sent([10, 12, 14]);
    let confirmed = world.record(14).confirmed_at().unwrap();
    world.expect(
        confirmed < 2_000,
        format_args!(
            "row 14 was committed at 100 ms, event 12 ended at 150 ms, and the relay could have looked for new rows then; \
             event 14 was confirmed at {confirmed} ms, after the slowest event"
        ),
    );
}

#[tokio::test(start_paused = true)]
async fn an_empty_outbox_is_no_reason_to_wait() {
    let world = World::new(Vec::new());
    let (report, returned_at) = world.run(settings(), CancellationToken::new()).await;
    world.expect(
        returned_at < SLACK_MS,
        format_args!("the outbox is empty, and `run` returned at {returned_at} ms"),
    );
    assert_eq!(report, Report::default(), "nothing was to be done; `run` reports (left)");
    world.expect(!world.queries().is_empty(), "`run` returned without looking into the outbox");
}
