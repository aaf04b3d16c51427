//! A key with more rows than its share of the window: the cursor passes them, and they are read by key.

use super::*;

/// Two rows a key.
fn bench(commits_late: bool) -> Bench {
    let mut bench = Bench::with_lanes(small(), 1, commits_late);
    bench.owns(&[LEASE], 1);
    bench.opened(&[LEASE]);
    bench.fetched(&[], true);
    bench.nothing_is_due();
    bench
}

#[test]
fn passed_rows_are_read_by_key_and_in_order() {
    let mut bench = bench(false);
    let rows: Vec<(i64, &str)> = (1..=6).map(|seq| (seq, "slow")).chain([(7, "b"), (8, "c")]).collect();
    assert_eq!(bench.fetched(&rows, true), ["fetch 12 after 8", "publish 1", "publish 7", "publish 8"]);
    assert_eq!(bench.fetched(&[(9, "slow"), (10, "d")], false), ["publish 10"], "9 is passed too");
    assert_eq!(
        bench.took(1, "slow"),
        ["refill key \"slow\" after 2 up to 9", "publish 2", "settle: delete 1"],
        "while the last one in memory is published"
    );
    assert_eq!(
        bench.refill.as_ref().unwrap().budget.rows,
        7,
        "half of the window: nothing else is to be read"
    );
    assert_eq!(bench.refilled_some("slow", &[3], true), [""; 0], "2 is still under way");
    assert_eq!(bench.took(2, "slow"), ["refill key \"slow\" after 3 up to 9", "publish 3"]);
    assert_eq!(bench.took(3, "slow"), [""; 0], "one refill at a time");
    assert_eq!(bench.refilled_some("slow", &[4, 5], true), ["publish 4"]);
    assert_eq!(bench.took(4, "slow"), ["refill key \"slow\" after 5 up to 9", "publish 5"]);
    assert_eq!(bench.refilled_some("slow", &[6], true), [""; 0]);
    assert_eq!(bench.took(5, "slow"), ["refill key \"slow\" after 6 up to 9", "publish 6"]);
    assert_eq!(bench.refilled("slow", &[9]), [""; 0]);
    assert_eq!(bench.took(6, "slow"), ["publish 9"]);
    bench.give(Input::Wake);
    assert_eq!(bench.fetched(&[(11, "slow")], false), [""; 0], "behind 9, and in memory again");
    assert_eq!(bench.took(9, "slow"), ["publish 11"]);
}

#[test]
fn a_key_gets_no_more_than_an_eighth_while_others_have_rows_to_read() {
    let mut bench = bench(false);
    bench.fetched(&[(1, "a"), (2, "a"), (3, "a"), (4, "b"), (5, "b"), (6, "b")], true);
    bench.fetched(&[], false);
    bench.took(1, "a");
    assert_eq!(bench.refill.take().unwrap().budget.rows, 1, "another key has passed rows too");
}

#[test]
fn a_key_may_take_an_eighth_of_the_bytes_too() {
    let row = |seq| Envelope { payload: Bytes::from(vec![0; 1_000]), ..row(seq, "large") };
    let mut bench = Bench::new(RelayConfig { window_rows: 800, window_bytes: 20_000, ..small() });
    assert_eq!(bench.brought(vec![row(1), row(2), row(3), row(4)], &[]), ["publish 1"]);
    bench.took(1, "large");
    assert_eq!(bench.refill.as_ref().map(|refill| refill.after), Some(Seq(2)), "two of them fit");
}

/// A key that is remembered for its passed rows is asked for like any other: `several_relays_share_lanes_whatever_fails` found one that
/// was left out of the question, and that nobody asked for again.
#[test]
fn passed_rows_wait_for_the_held_ones_and_go_on_in_their_place() {
    let mut bench = bench(false);
    bench.fetched(&(1..=5).map(|seq| (seq, "a")).collect::<Vec<_>>(), false);
    assert_eq!(bench.took(1, "a")[0], "refill key \"a\" after 2 up to 5");
    bench.settled();
    assert_eq!(bench.refused(2, "a", busy()), ["settle: hold key \"a\" at 2 with [2], attempt 1"]);
    // It may wait for hours: its passed rows leave the hot index, behind the held one.
    assert_eq!(bench.refilled_some("a", &[3], true), [""; 0], "a flush is under way");
    assert_eq!(bench.settled(), ["settle: key \"a\" follows with [3]"]);
    assert_eq!(bench.settled(), ["what is due?", "refill key \"a\" after 3 up to 5"]);
    assert_eq!(bench.is_due("a", 1, &[2, 3]), ["publish 2 for the 2. time"], "it is due meanwhile");
    assert_eq!(bench.refilled("a", &[4, 5]), [""; 0], "2 and 3 come first");
    bench.took(2, "a");
    bench.settled();
    assert_eq!(bench.took(3, "a"), ["settle: delete 3, key \"a\" goes on"]);
    assert_eq!(bench.settled_and_freed("a"), ["refill key \"a\" after 3 up to 5"], "4 and 5 are not held");
    assert_eq!(bench.refilled("a", &[4, 5]), ["publish 4"]);
}

/// Found by the same test: in one flush the key went on, and rows of it that had been read before were held behind it.
#[test]
fn a_key_is_not_free_while_passed_rows_of_it_follow_in_the_same_flush() {
    let mut bench = bench(false);
    bench.fetched(&(1..=6).map(|seq| (seq, "a")).collect::<Vec<_>>(), false);
    bench.refused(1, "a", busy());
    assert_eq!(bench.settled(), ["refill key \"a\" after 2 up to 6"]);
    assert_eq!(bench.pass(100), ["what is due?"]);
    assert_eq!(bench.is_due("a", 1, &[1, 2]), ["publish 1 for the 2. time"]);
    assert_eq!(bench.took(1, "a"), ["publish 2", "settle: delete 1"]);
    assert_eq!(bench.took(2, "a"), [""; 0], "a flush is under way");
    assert_eq!(bench.refilled_some("a", &[3, 4], true), [""; 0], "asked for before it came back");
    assert_eq!(bench.settled(), ["settle: delete 2, key \"a\" goes on, key \"a\" follows with [3, 4]"]);
    assert_eq!(bench.settled_and_freed("a")[0], "what is due?", "3 and 4 are held");
    assert_eq!(bench.is_due("a", 0, &[3, 4]), ["publish 3"]);
}

#[test]
fn passed_rows_of_a_parked_key_leave_the_hot_index() {
    let mut bench = bench(false);
    bench.fetched(&(1..=5).map(|seq| (seq, "a")).collect::<Vec<_>>(), false);
    let effects = bench.refused(1, "a", SinkError::Permanent("no".into()));
    assert_eq!(effects, ["settle: park key \"a\" at 1 with [1, 2], attempt 1"]);
    assert_eq!(bench.settled(), ["refill key \"a\" after 2 up to 5"]);
    assert_eq!(bench.refilled_some("a", &[3, 4], true), ["settle: key \"a\" follows with [3, 4]"]);
    assert_eq!(bench.settled(), ["what is due?", "refill key \"a\" after 4 up to 5"]);
    bench.nothing_is_due();
    assert_eq!(bench.refilled("a", &[5]), ["settle: key \"a\" follows with [5]"]);
    bench.settled();
    bench.nothing_is_due();
    assert!(bench.core.is_empty(), "and all room is back");
}

#[test]
fn a_store_that_commits_late_is_told_what_it_must_not_bring() {
    let mut bench = bench(true);
    assert_eq!(
        bench.fetched(&[(1, "a"), (2, "a"), (3, "a"), (4, "b")], true),
        ["fetch 13 after 4, but not [1, 2, 4] and [\"a\"]", "publish 1", "publish 4"]
    );
    bench.fetched(&[], false);
    bench.took(4, "b");
    bench.give(Input::Wake);
    assert_eq!(numbers(&bench.fetch.as_ref().unwrap().0.in_memory), [1, 2, 4], "4 is not deleted yet");
    bench.fetched(&[], false);
    bench.settled();
    bench.give(Input::Wake);
    assert_eq!(numbers(&bench.fetch.as_ref().unwrap().0.in_memory), [1, 2]);
}

/// No later fetch need bring them: they are no news to the store.
#[test]
fn late_rows_that_a_fetch_has_left_out_are_asked_for_by_key() {
    let mut bench = bench(true);
    bench.fetched(&[(1, "a"), (2, "a"), (4, "a"), (6, "b")], false);
    assert_eq!(bench.took(1, "a")[0], "refill key \"a\" after 2 up to 4");
    assert_eq!(bench.give(Input::Wake), ["fetch 6 after 6, but not [1, 2, 6] and [\"a\"]"]);
    bench.refilled("a", &[4]);
    assert_eq!(bench.took(2, "a"), ["publish 4"]);
    assert_eq!(bench.fetched(&[], false), ["refill key \"a\" after 4 up to 6"], "5 may be there");
    assert_eq!(bench.refilled("a", &[5]), [""; 0]);
    assert_eq!(bench.took(4, "a")[0], "publish 5");
}

/// Row 4 had its number when it was read up to 6, and is committed after.
#[test]
fn what_is_not_committed_is_not_taken_for_read() {
    let mut bench = bench(true);
    bench.fetched(&[(1, "a"), (2, "a"), (3, "a"), (6, "b")], false);
    bench.took(1, "a");
    bench.give(Input::Wake);
    bench.refilled("a", &[3]);
    bench.took(2, "a");
    assert_eq!(bench.fetched(&[], false), ["refill key \"a\" after 3 up to 6"], "left out, if there is one");
    bench.settled();
    bench.settled();
    let look = bench.give(Input::Wake);
    assert_eq!(look, ["fetch 7 after 6, but not [3, 6] and []"], "from now on its late rows come again");
    assert_eq!(bench.refilled("a", &[]), [""; 0]);
    assert_eq!(bench.fetched(&[(4, "a")], false), ["refill key \"a\" after 3 up to 4"]);
    assert_eq!(bench.refilled("a", &[4]), [""; 0]);
    assert_eq!(bench.took(3, "a")[0], "publish 4");
}

/// Row 3 may have committed below the cursor after the store was told to leave the key's late rows out.
#[test]
fn a_key_stays_passed_while_a_fetch_that_left_its_late_rows_out_is_under_way() {
    let mut bench = bench(true);
    bench.fetched(&[(1, "a"), (2, "a"), (4, "a"), (6, "b")], false);
    assert_eq!(bench.took(1, "a")[0], "refill key \"a\" after 2 up to 4");
    assert_eq!(bench.give(Input::Wake), ["fetch 6 after 6, but not [1, 2, 6] and [\"a\"]"]);
    assert_eq!(bench.refilled("a", &[4]), [""; 0], "the last of the passed rows");
    assert_eq!(bench.took(2, "a"), ["publish 4"]);
    let next = bench.fetched(&[(7, "a")], false);
    assert_eq!(
        next,
        ["refill key \"a\" after 4 up to 7"],
        "7 is passed: an earlier one may have been left out"
    );
    assert_eq!(bench.refilled_some("a", &[5], true), [""; 0], "here it is");
    assert_eq!(bench.took(4, "a")[1], "publish 5");
}
