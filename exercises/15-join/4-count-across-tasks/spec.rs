//! The tests of exercise 15.4. Your file and the solution are tested by this one copy.

use shared::schedule::assert_holds_in;
use shared::{Entry, HOUR, Journal, assert_journal};
use tokio::time::{Instant, timeout};

use super::sut::{Broker, Refused, Tally, publish_all};

const STUCK: &str = "publish_all does not return, and no task can make progress";

fn assert_tally(tally: Tally, (published, refused): (u32, u32)) {
    let expected = Tally { published, refused };
    assert!(
        tally == expected,
        "the tally must count every event of this call once, when all of its lanes have ended\n\
         expected: {expected:?}\n\
         actual:   {tally:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn three_lanes_run_at_once_and_count_together() {
    let journal = Journal::new();
    let fates = [
        (31, 130, Ok(())),
        (12, 240, Err(Refused)),
        (25, 190, Ok(())),
        (8, 90, Ok(())),
        (17, 70, Err(Refused)),
        (40, 310, Ok(())),
    ];
    let lanes = vec![vec![31, 12], vec![25, 8, 17], vec![40]];
    let tally = timeout(HOUR, publish_all(lanes, Broker::new(fates, journal.clone()))).await.expect(STUCK);
    journal.log("relay", "returns the tally");
    assert_journal!(
        journal,
        [
            (0, "event 31", "is sent"),
            (0, "event 25", "is sent"),
            (0, "event 40", "is sent"),
            (130, "event 31", "is published"),
            (130, "event 12", "is sent"),
            (190, "event 25", "is published"),
            (190, "event 8", "is sent"),
            (280, "event 8", "is published"),
            (280, "event 17", "is sent"),
            (310, "event 40", "is published"),
            (350, "event 17", "is refused"),
            (370, "event 12", "is refused"),
            (370, "relay", "returns the tally"),
        ]
    );
    assert_tally(tally, (4, 2));
}

#[tokio::test(start_paused = true)]
async fn a_hundred_lanes_lose_no_count() {
    let started = Instant::now();
    let result = |id| if id % 7 == 0 { Err(Refused) } else { Ok(()) };
    let fates = (0..1000).map(|id| (id, 10 + u64::from(id % 3), result(id)));
    let lanes: Vec<Vec<u32>> = (0..100).map(|lane| (0..10).map(|at| lane * 10 + at).collect()).collect();
    let tally = timeout(HOUR, publish_all(lanes, Broker::new(fates, Journal::new()))).await.expect(STUCK);
    assert_tally(tally, (857, 143));
    let took_ms = started.elapsed().as_millis();
    assert_eq!(took_ms, 111, "the slowest lane takes 111 ms, and a hundred lanes at once took {took_ms} ms");
}

#[tokio::test(start_paused = true)]
async fn two_calls_at_once_have_a_tally_each() {
    let fates = (1..=9).map(|id| (id, 70 + u64::from(id), if id % 4 == 1 { Err(Refused) } else { Ok(()) }));
    let broker = Broker::new(fates, Journal::new());
    let one = publish_all(vec![vec![4, 1], vec![5]], broker.clone());
    let other = publish_all(vec![vec![8], vec![6, 9, 2], vec![3, 7]], broker);
    let (one, other) = timeout(HOUR, async { tokio::join!(one, other) }).await.expect(STUCK);
    assert_tally(one, (1, 2));
    assert_tally(other, (5, 1));
}

/// Three lanes whose events end at the same moments, so that the lanes meet at the tally; in a thousand schedules.
#[test]
fn no_schedule_loses_a_count() {
    let story = |journal: Journal| async move {
        let fates = (1..=9).map(|id| (id, 70, if id % 4 == 1 { Err(Refused) } else { Ok(()) }));
        let lanes = vec![vec![4, 1, 7], vec![5, 8, 2], vec![6, 9, 3]];
        let Tally { published, refused } = publish_all(lanes, Broker::new(fates, journal.clone())).await;
        journal.log("relay", format_args!("counts {published} published, {refused} refused"));
    };
    let nothing_is_lost = |journal: &[Entry]| match journal.last() {
        Some(last) if last.what == "counts 6 published, 3 refused" => Ok(()),
        _ => Err("6 events are published and 3 refused; a lane has counted while another one did".to_owned()),
    };
    assert_holds_in(1000, story, nothing_is_lost);
}
