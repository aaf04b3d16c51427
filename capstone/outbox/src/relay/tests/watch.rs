//! After an owner that did not leave cleanly: who is suspected, who is accused, who is given up.

use super::*;
use crate::store::Started;

fn abandoned(started: &[(i64, u32)]) -> Legacy {
    Legacy { abandoned: vec![Lane(0)], ..clean(started) }
}

fn clean(started: &[(i64, u32)]) -> Legacy {
    let started = started.iter().map(|(seq, starts)| Started {
        lane: Lane(0),
        row: row(*seq, "").row(),
        starts: *starts,
    });
    Legacy { abandoned: vec![], started: started.collect() }
}

#[test]
fn suspects_are_written_down_before_they_start_and_forgotten_with_their_outcome() {
    let mut bench = Bench::left_by(small(), abandoned(&[]));
    let effects = bench.fetched(&[(1, "a"), (2, "a"), (3, "b")], false);
    assert_eq!(effects, ["settle: start 1 of 1, start 1 of 3"]);
    assert_eq!(bench.settled(), ["publish 1", "publish 3"]);
    assert_eq!(bench.took(1, "a"), ["settle: delete 1, start 0 of 1, start 1 of 2"]);
    assert_eq!(bench.refused(3, "b", busy()), [""; 0], "a flush is under way");
    assert_eq!(
        bench.settled(),
        ["publish 2", "settle: start 0 of 3, hold key \"b\" at 3 with [3], attempt 1"]
    );
    bench.settled();
    assert_eq!(bench.took(2, "a"), ["settle: delete 2, start 0 of 2"]);
    bench.settled();
    // The lane has been read to its end: what comes later was not there when it was left.
    bench.give(Input::Wake);
    assert_eq!(bench.fetched(&[(4, "a")], false), ["publish 4"]);
    // What failed while it was suspected still is, wherever it waits.
    assert_eq!(bench.pass(100), ["what is due?"]);
    assert_eq!(bench.is_due("b", 1, &[3]), ["settle: start 1 of 3"]);
}

#[test]
fn only_as_many_are_suspected_as_the_owner_before_had_in_memory() {
    let mut bench = Bench::left_by(RelayConfig { window_rows: 4, ..small() }, abandoned(&[]));
    let first = bench.fetched(&[(1, ""), (2, ""), (3, ""), (4, "")], true);
    assert_eq!(first, ["settle: start 1 of 1, start 1 of 2, start 1 of 3, start 1 of 4"]);
    bench.settled();
    (1..=4).for_each(|seq| drop(bench.took(seq, "")));
    bench.settled();
    bench.settled();
    let later = bench.fetched(&[(5, ""), (6, "")], false);
    assert_eq!(later, ["publish 5", "publish 6"]);
}

#[test]
fn an_accused_row_starts_alone_the_fewest_starts_first() {
    let mut bench = Bench::left_by(small(), abandoned(&[(1, 2), (2, 1), (9, 1)]));
    let effects = bench.fetched(&[(1, "a"), (2, "b"), (3, "c")], false);
    assert_eq!(effects, ["settle: start 2 of 2"], "row 9 is gone");
    assert_eq!(bench.settled(), ["publish 2"]);
    bench.give(Input::Wake);
    assert_eq!(bench.fetched(&[(4, "d")], false), [""; 0], "also new ones wait");
    assert_eq!(bench.took(2, "b"), ["settle: delete 2, start 0 of 2, start 3 of 1"]);
    assert_eq!(bench.settled(), ["publish 1"]);
    assert_eq!(bench.took(1, "a"), ["publish 4", "settle: delete 1, start 0 of 1, start 1 of 3"]);
    assert_eq!(bench.settled(), ["publish 3"]);
}

#[test]
fn three_starts_alone_without_an_outcome_park_the_key_or_bury_the_message() {
    // The first was beside others.
    let mut bench = Bench::left_by(small(), abandoned(&[(1, 4), (3, 4), (4, 3)]));
    let effects = bench.fetched(&[(1, "a"), (2, "a"), (3, ""), (4, "b")], false);
    assert_eq!(
        effects,
        [
            "settle: start 0 of 3, bury 3, start 0 of 1, park key \"a\" at 1 with [1, 2], attempt 3, start 4 of 4"
        ]
    );
    let Some(Changes { fenced, .. }) = &bench.settle else { panic!("a flush is under way") };
    let Change::Hold { error, .. } = &fenced[3].change else { panic!("{fenced:?}") };
    assert_eq!(error, "the process ended 3 times while only this was published");
    assert_eq!(bench.settled(), ["publish 4"]);
    assert_eq!((bench.core.counts.parked, bench.core.counts.buried), (1, 1));
}

#[test]
fn a_row_of_a_lane_that_was_left_cleanly_stays_accused_and_the_others_are_no_suspects() {
    let mut bench = Bench::left_by(small(), clean(&[(2, 2)]));
    assert_eq!(bench.fetched(&[(1, "a"), (2, "b")], false), ["settle: start 3 of 2"]);
    assert_eq!(bench.settled(), ["publish 2"]);
    assert_eq!(bench.took(2, "b"), ["publish 1", "settle: delete 2, start 0 of 2"]);
}

#[test]
fn an_accused_row_waits_until_nothing_else_is_under_way() {
    let mut bench = Bench::with_lanes(small(), 2, false);
    let lease = |lane| Lease { lane: Lane(lane), epoch: Epoch(1) };
    bench.owns(&[lease(0)], 2);
    bench.opened(&[lease(0)]);
    bench.fetched(&[], true);
    bench.nothing_is_due();
    assert_eq!(bench.fetched(&[(1, "a")], false), ["publish 1"]);
    bench.owns(&[lease(0), lease(1)], 2);
    let started = Started { lane: Lane(1), row: row(2, "").row(), starts: 1 };
    let legacy = Legacy { abandoned: vec![], started: vec![started] };
    bench.give(Input::Opened(vec![lease(1)], legacy));
    assert_eq!(bench.brought(vec![row_in(Lane(1), 2, "b")], &[]), [""; 0]);
    assert_eq!(bench.took(1, "a"), ["settle: delete 1, start 2 of 2"]);
}

#[test]
fn a_start_that_does_not_happen_is_taken_back() {
    let mut bench = Bench::left_by(small(), abandoned(&[(1, 2)]));
    bench.fetched(&[(1, "a"), (2, "b")], false);
    assert_eq!(bench.give(Input::Stop), [""; 0], "a flush is under way");
    assert_eq!(bench.settled(), ["settle: start 2 of 1"], "and it is not published");
    bench.settled();
    assert!(bench.core.is_drained());

    // The same when the lane goes to another relay.
    let mut bench = Bench::left_by(small(), abandoned(&[]));
    bench.fetched(&[(1, "a"), (2, "b")], false);
    assert_eq!(bench.owns(&[LEASE], 0), [""; 0]);
    assert_eq!(bench.settled(), ["settle: start 0 of 1, start 0 of 2"]);
    assert_eq!(bench.settled(), ["close 0"]);

    // And when it has gone to another one, it is his to say.
    let mut bench = Bench::left_by(small(), abandoned(&[]));
    bench.fetched(&[(1, "a"), (2, "b")], false);
    assert_eq!(bench.owns(&[], 1), [""; 0]);
    assert_eq!(bench.settled(), [""; 0]);
}

#[test]
fn a_sink_that_is_down_neither_accuses_nor_acquits() {
    let mut bench = Bench::left_by(small(), abandoned(&[(1, 2)]));
    assert_eq!(bench.fetched(&[(1, "a"), (2, "b")], false), ["settle: start 3 of 1"]);
    assert_eq!(bench.settled(), ["publish 1"]);
    let down = SinkError::Unavailable("down".into());
    assert_eq!(bench.refused(1, "a", down), ["settle: start 2 of 1"]);
    assert_eq!(bench.settled(), [""; 0], "nothing starts while the breaker is open");
    assert!(bench.next_due().is_some());
    assert_eq!(bench.pass(100), ["settle: start 3 of 1"], "the probe");
    assert_eq!(bench.next_due(), None, "or it would ask again and again until the flush is done");
    assert_eq!(bench.settled(), ["publish 1"]);
}

#[test]
fn an_accused_row_that_waits_for_others_does_not_ask_for_the_time() {
    let config = RelayConfig { window_rows: 64, ..small() };
    let mut bench = Bench::left_by(config, clean(&[(3, 1)]));
    assert_eq!(bench.fetched(&[(1, "a"), (2, "b")], true)[1..], ["publish 1", "publish 2"]);
    assert_eq!(bench.fetched(&[(3, "c")], false), [""; 0]);
    bench.refused(1, "a", SinkError::Unavailable("down".into()));
    assert_eq!(bench.pass(100), [""; 0], "2 is still under way");
    assert_eq!(bench.next_due(), None);
    assert_eq!(bench.took(2, "b").last().unwrap(), "settle: delete 2, start 2 of 3");
}

#[test]
fn what_was_held_in_an_abandoned_lane_is_suspected_when_it_is_due() {
    let mut bench = Bench::with_lanes(small(), 1, false);
    bench.owns(&[LEASE], 1);
    bench.give(Input::Opened(vec![LEASE], abandoned(&[])));
    assert_eq!(bench.fetched(&[], false), ["what is due?"]);
    assert_eq!(bench.is_due("a", 1, &[1]), ["settle: start 1 of 1"]);
    assert_eq!(bench.settled(), ["publish 1 for the 2. time"]);
}
