//! Several lanes: which are ours, what is lost with one, and when it is given back.

use super::*;

fn lease(lane: u16, epoch: i64) -> Lease {
    Lease { lane: Lane(lane), epoch: Epoch(epoch) }
}

/// Lanes 0 and 1 are open, and asked for their rows.
fn two_lanes() -> Bench {
    let mut bench = Bench::with_lanes(small(), 4, false);
    let leases = [lease(0, 1), lease(1, 1)];
    assert_eq!(bench.owns(&leases, 2), ["open 0, 1"]);
    assert_eq!(bench.opened(&leases), ["fetch 16 after 0, 0 in 1"]);
    assert_eq!(bench.brought(vec![], &[]), ["what is due?"]);
    bench.nothing_is_due();
    assert_eq!(bench.give(Input::Wake), ["fetch 16 after 0 in 1, 0"]);
    bench
}

impl Bench {
    fn took_in(&mut self, lane: u16, seq: i64, key: &str) -> Vec<String> {
        self.give(Input::Published(vec![(Arc::new(row_in(Lane(lane), seq, key)), Ok(()))]))
    }

    fn refused_in(&mut self, lane: u16, seq: i64, key: &str) -> Vec<String> {
        self.give(Input::Published(vec![(Arc::new(row_in(Lane(lane), seq, key)), Err(busy()))]))
    }
}

#[test]
fn one_fetch_serves_the_hungry_lanes_and_begins_with_another_each_time() {
    let mut bench = two_lanes();
    let rows = vec![row_in(Lane(0), 1, ""), row_in(Lane(0), 2, ""), row_in(Lane(1), 3, "")];
    let effects = bench.brought(rows, &[Lane(0)]);
    assert_eq!(effects, ["fetch 13 after 2", "publish 1", "publish 2", "publish 3"]);
    assert_eq!(bench.give(Input::Wake), [""; 0], "one fetch at a time");
    assert_eq!(bench.brought(vec![row_in(Lane(0), 4, "")], &[])[0], "fetch 12 after 4, 3 in 1");
    let mut again = || {
        bench.brought(vec![], &[]);
        bench.give(Input::Wake).concat()
    };
    let four: Vec<String> = std::iter::repeat_with(&mut again).take(4).collect();
    assert!(four.contains(&"fetch 12 after 3 in 1, 4".to_owned()), "{four:?}");
}

#[test]
fn a_lost_lane_drops_what_is_queued_and_nothing_of_the_others() {
    let mut bench = two_lanes();
    let lost = |seq, key| row_in(Lane(0), seq, key);
    let rows =
        vec![lost(1, "a"), lost(2, "a"), lost(3, "b"), row_in(Lane(1), 4, "c"), row_in(Lane(1), 5, "c")];
    assert_eq!(bench.brought(rows, &[]), ["publish 1", "publish 3", "publish 4"]);
    assert_eq!(bench.owns(&[lease(1, 1)], 2), [""; 0]);
    assert_eq!(bench.took_in(0, 1, "a"), ["settle: delete 1"], "no lease is needed; 2 is not ours any more");
    assert_eq!(bench.refused_in(0, 3, "b"), [""; 0], "what becomes of it is for the new owner to say");
    assert_eq!(bench.took_in(1, 4, "c"), ["publish 5"]);
    assert_eq!(bench.settled(), ["settle: delete 4"]);
    bench.took_in(1, 5, "c");
    bench.settled();
    bench.settled();
    assert!(bench.core.is_empty(), "and all room is back");
}

#[test]
fn a_flush_that_was_fenced_tells_of_a_lost_lane() {
    let mut bench = two_lanes();
    bench.brought(vec![row_in(Lane(0), 1, "a"), row_in(Lane(1), 2, "b")], &[]);
    assert_eq!(bench.refused_in(0, 1, "a"), ["settle: hold key \"a\" at 1 with [1], attempt 1"]);
    bench.settled_but(&[lease(0, 1)]);
    let old = bench.owns(&[lease(0, 1), lease(1, 1)], 2);
    assert_eq!(
        old,
        ["close 0"],
        "an old answer does not bring it back; if it is true, the lane is free again"
    );
    assert_eq!(bench.owns(&[lease(0, 3), lease(1, 1)], 2), ["open 0"], "a new lease does");
}

#[test]
fn what_was_fetched_under_an_older_lease_is_discarded() {
    let mut bench = two_lanes();
    assert_eq!(bench.owns(&[lease(0, 3), lease(1, 1)], 2), ["open 0"]);
    bench.opened(&[lease(0, 3)]);
    let rows = vec![row_in(Lane(0), 1, "a"), row_in(Lane(1), 2, "b")];
    assert_eq!(bench.brought(rows, &[Lane(0)]), ["what is due?", "fetch 7 after 0", "publish 2"]);
}

#[test]
fn a_lane_that_is_taken_again_begins_when_what_was_in_flight_is_settled() {
    let mut bench = two_lanes();
    bench.brought(vec![row_in(Lane(0), 1, "a")], &[]);
    assert_eq!(bench.owns(&[lease(0, 3), lease(1, 1)], 2), [""; 0], "row 1 is in flight: it would go twice");
    assert_eq!(bench.took_in(0, 1, "a"), ["settle: delete 1"]);
    assert_eq!(bench.settled(), ["open 0"]);
    assert_eq!(bench.opened(&[lease(0, 3)]), ["what is due?", "fetch 8 after 0"]);
}

#[test]
fn a_surplus_lane_is_given_back_once_it_is_settled() {
    let mut bench = two_lanes();
    let mine = |seq, key| row_in(Lane(1), seq, key);
    let rows = vec![row_in(Lane(0), 1, "z"), mine(2, "a"), mine(3, "a"), mine(4, "b"), mine(5, "c")];
    bench.brought(rows, &[Lane(1)]);
    let (_, budget) = bench.fetch.take().expect("lane 1 has more");
    let both = [lease(0, 1), lease(1, 1)];
    assert_eq!(bench.owns(&both, 1), [""; 0], "three of it are in flight");
    let look = Look { cursors: vec![Cursor { lease: both[1], after: Seq(5) }], ..Look::default() };
    let late = Fetched { rows: vec![mine(6, "d")], more: vec![Lane(1)], ..Fetched::default() };
    assert_eq!(bench.give(Input::Fetched(look, budget, late)), [""; 0], "nothing of it starts any more");

    assert_eq!(bench.took_in(1, 2, "a"), ["settle: delete 2"]);
    assert_eq!(bench.refused_in(1, 4, "b"), [""; 0]);
    assert_eq!(bench.settled(), ["settle: hold key \"b\" at 4 with [4], attempt 1"], "the lease still holds");
    bench.give(Input::Published(vec![(Arc::new(mine(5, "c")), Err(SinkError::Permanent("no".into())))]));
    assert_eq!(bench.settled(), ["settle: park key \"c\" at 5 with [5], attempt 1"]);
    assert_eq!(bench.settled(), ["close 1"]);
    assert_eq!(bench.owns(&both, 1), ["close 1"], "an answer from before it was given back");
    assert_eq!(bench.owns(&[both[0]], 1), [""; 0]);
    bench.took_in(0, 1, "z");
    bench.settled();
    assert!(bench.core.is_empty(), "and all room is back");
}

/// The next owner may hold a row that is left out, and those behind it would be published first.
#[test]
fn passed_rows_that_are_another_relays_by_now_are_not_published() {
    let mut bench = Bench::new(small());
    bench.fetched(&[(1, "a"), (2, "a"), (3, "a"), (4, "a")], false);
    assert_eq!(bench.took(1, "a")[0], "refill key \"a\" after 2 up to 4");
    let refill = bench.refill.take().unwrap();
    let void = Fetched { is_void: true, ..Fetched::default() };
    assert_eq!(bench.give(Input::Refilled(refill, void)), [""; 0], "2 is under way");
    bench.settled();
    assert_eq!(bench.took(2, "a"), ["settle: delete 2"]);
    assert_eq!(bench.settled(), ["close 0"]);
}

#[test]
fn a_read_by_key_whose_lane_was_lost_gives_its_room_back_before_the_core_is_empty() {
    let mut bench = two_lanes();
    let rows: Vec<Envelope> = (1..=4).map(|seq| row_in(Lane(0), seq, "a")).collect();
    bench.brought(rows, &[]);
    assert_eq!(bench.took_in(0, 1, "a")[0], "refill key \"a\" after 2 up to 4");
    bench.owns(&[lease(1, 1)], 2);
    bench.settled();
    bench.took_in(0, 2, "a");
    bench.settled();
    assert!(!bench.core.is_empty(), "it is being read");
    bench.refilled("a", &[3, 4]);
    assert!(bench.core.is_empty(), "and all room is back");
}
