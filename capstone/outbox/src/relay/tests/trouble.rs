//! One lane: order of a key, room, failures and dead letters.

use super::*;

#[test]
fn one_of_a_key_at_a_time_and_one_flush_at_a_time() {
    let mut bench = Bench::new(small());
    assert_eq!(bench.fetched(&[(1, "a"), (2, "a"), (3, "b")], false), ["publish 1", "publish 3"]);
    assert_eq!(bench.took(1, "a"), ["publish 2", "settle: delete 1"]);
    assert_eq!(bench.took(2, "a"), [""; 0], "a flush is under way");
    assert_eq!(bench.took(3, "b"), [""; 0]);
    assert_eq!(bench.settled(), ["settle: delete 2, delete 3"]);
    assert!(!bench.core.is_drained());
    bench.settled();
    assert!(bench.core.is_drained() && bench.core.is_empty());
}

#[test]
fn what_comes_at_once_is_settled_at_once() {
    let mut bench = Bench::new(small());
    bench.fetched(&[(1, "a"), (2, "b"), (3, "c")], false);
    assert_eq!(bench.took_at_once(&[(1, "a"), (3, "c")]), ["settle: delete 1, delete 3"]);
}

#[test]
fn room_returns_when_the_delete_is_committed() {
    let mut bench = Bench::new(RelayConfig { window_rows: 8, ..small() });
    let rows: Vec<(i64, &str)> = (1..=8).map(|seq| (seq, "")).collect();
    assert_eq!(bench.fetched(&rows, true).len(), 8, "all are published");
    for seq in 1..=8 {
        let effects = bench.took(seq, "");
        assert!(!effects.iter().any(|effect| effect.starts_with("fetch")), "{effects:?}");
    }
    // The first flush held one row: not enough for a fetch. The second holds the rest.
    assert_eq!(bench.settled().len(), 1);
    assert_eq!(bench.settled(), ["fetch 8 after 0"], "nothing is in memory: from the beginning");
}

#[test]
fn a_key_that_failed_is_asked_for_when_the_store_knows_and_it_is_due() {
    let mut bench = Bench::new(small());
    bench.fetched(&[(1, "a"), (2, "a")], true);
    let effects = bench.refused(1, "a", busy());
    assert_eq!(effects.last().unwrap(), "settle: hold key \"a\" at 1 with [1, 2], attempt 1");
    // Due before the flush is committed: what the store would say now is not yet true.
    assert_eq!(bench.pass(100), [""; 0]);
    assert_eq!(bench.settled(), [""; 0], "a fetch has all the room");

    // A later row of the key, which the fetch read without knowing: it must queue behind, in the store.
    assert_eq!(
        bench.fetched(&[(3, "a")], false),
        ["what is due but key \"a\"?", "settle: key \"a\" follows with [3]"],
        "the flush that says so is not committed"
    );
    bench.nothing_is_due();
    assert_eq!(bench.settled(), ["what is due?"]);
    assert_eq!(bench.is_due("a", 1, &[1]), ["publish 1 for the 2. time"]);
}

#[test]
fn a_key_goes_on_with_what_is_held_until_nothing_is() {
    let mut bench = Bench::new(small());
    bench.fetched(&[(1, "a")], false);
    bench.refused(1, "a", busy());
    bench.settled();
    assert_eq!(bench.pass(100), ["what is due?"]);
    assert_eq!(bench.is_due("a", 1, &[1, 2]), ["publish 1 for the 2. time"]);
    assert_eq!(bench.took(1, "a"), ["publish 2", "settle: delete 1"]);
    bench.settled();
    assert_eq!(bench.took(2, "a"), ["settle: delete 2, key \"a\" goes on"]);
    assert_eq!(bench.settled(), ["what is due?"], "it was not freed: more is held");
    assert_eq!(bench.is_due("a", 0, &[3]), ["publish 3"]);
    assert_eq!(bench.took(3, "a"), ["settle: delete 3, key \"a\" goes on"]);
    assert!(!bench.core.is_empty());
    assert_eq!(bench.settled_and_freed("a"), [""; 0]);
    assert!(bench.core.is_empty(), "and nothing of it is remembered");
    let ident = Ident::Key("a".into());
    assert!(
        matches!(&bench.notices[..], [Notice::Taken { .. }, Notice::Held { .. }, Notice::Freed { ident: freed }] if *freed == ident),
        "{:?}",
        bench.notices
    );
}

#[test]
fn rows_of_a_key_in_trouble_queue_behind_it_whoever_knows() {
    let mut bench = Bench::new(small());
    // The store knows.
    assert_eq!(bench.fetched_behind("a", &[7]), ["settle: key \"a\" follows with [7]"]);
    // Only the core does: the flush is under way.
    bench.give(Input::Wake);
    assert_eq!(bench.fetched(&[(8, "a"), (9, "b")], false), ["publish 9"]);
    assert_eq!(
        bench.settled(),
        ["what is due but key \"a\"?", "settle: key \"a\" follows with [8]"],
        "8 is not known to be held"
    );
    bench.nothing_is_due();
    assert_eq!(bench.settled(), ["what is due?"]);
    assert_eq!(bench.is_due("a", 3, &[1, 7, 8]), ["publish 1 for the 4. time"]);
    // While its held rows are in memory, others follow too.
    bench.give(Input::Wake);
    assert_eq!(bench.fetched_behind("a", &[10]), ["settle: key \"a\" follows with [10]"]);
    bench.settled();
    assert_eq!(bench.took(1, "a"), ["publish 7", "settle: delete 1"]);
}

#[test]
fn a_key_is_remembered_until_the_fetch_that_began_before_has_answered() {
    let mut bench = Bench::new(small());
    bench.fetched(&[(1, "a")], true);
    bench.refused(1, "a", busy());
    bench.settled();
    assert_eq!(bench.fetched(&[(2, "a")], false), ["settle: key \"a\" follows with [2]"]);
    bench.settled();
    assert_eq!(bench.core.next_due(bench.now), None, "it was asked for at once");
    bench.nothing_is_due();
    bench.give(Input::Wake);
    assert_eq!(bench.fetched(&[(3, "b")], false), ["publish 3"]);
    bench.took(3, "b");
    bench.settled();
    assert!(bench.core.is_empty());
}

#[test]
fn keys_in_trouble_have_half_of_the_window_and_healthy_rows_come_first() {
    let mut bench = Bench::new(small());
    bench.fetched(&[], false);
    bench.give(Input::Wake);
    bench.fetched_behind("k1", &[1]);
    bench.settled();
    let (_, _, budget) = bench.due.as_ref().expect("some are due");
    assert_eq!(budget.rows, 8, "half of 16");
    let keys = (1..=8).map(|seq| due(&format!("k{seq}"), 1, &[seq])).collect();
    assert_eq!(bench.came_due(keys, Some(0)).len(), 8, "all are published");
    assert!(bench.due.is_none(), "they have their half");
    bench.give(Input::Wake);
    assert_eq!(bench.fetch.as_ref().unwrap().1.rows, 8, "the other half is for healthy ones");
}

#[test]
fn a_key_that_is_due_without_rows_is_free() {
    let mut bench = Bench::new(small());
    assert_eq!(bench.fetched_behind("a", &[7]), ["settle: key \"a\" follows with [7]"]);
    assert_eq!(bench.settled(), ["what is due?"]);
    assert_eq!(bench.is_due("a", 0, &[]), ["settle: key \"a\" goes on"]);
    bench.settled_and_freed("a");
    assert!(bench.core.is_empty());
}

#[test]
fn what_is_due_later_is_asked_for_then() {
    let mut bench = Bench::with_lanes(small(), 1, false);
    bench.owns(&[LEASE], 1);
    assert_eq!(bench.opened(&[LEASE]), ["fetch 16 after 0"], "healthy rows first");
    assert_eq!(bench.fetched(&[], false), ["what is due?"]);
    assert_eq!(bench.came_due(vec![], Some(50)), [""; 0]);
    assert_eq!(bench.next_due(), Some(bench.now + Duration::from_millis(50)));
    assert_eq!(bench.pass(49), [""; 0]);
    assert!(!bench.core.is_empty());
    assert_eq!(bench.pass(1), ["what is due?"]);
}

#[test]
fn nothing_of_a_key_passes_a_dead_letter_before_it_is_committed() {
    let mut bench = Bench::new(small());
    bench.fetched(&[(1, ""), (2, "a")], false);
    assert_eq!(bench.refused(1, "", SinkError::Permanent("no".into())), ["settle: bury 1"]);
    let park = bench.refused(2, "a", SinkError::Permanent("no".into()));
    assert_eq!(park, [""; 0], "a flush is under way");
    assert_eq!(bench.settled(), ["settle: park key \"a\" at 2 with [2], attempt 1"]);
    bench.settled();
    assert!(bench.core.is_empty(), "a parked key is nobody's work");
}

#[test]
fn the_last_attempt_is_the_last() {
    let mut bench = Bench::new(small());
    assert_eq!(bench.fetched_behind("a", &[2]), ["settle: key \"a\" follows with [2]"]);
    bench.settled();
    assert_eq!(bench.is_due("a", 29, &[1, 2]), ["publish 1 for the 30. time"]);
    let last = bench.refused(1, "a", busy());
    assert_eq!(last, ["settle: park key \"a\" at 1 with [], attempt 30"], "its rows are held already");
}

#[test]
fn a_row_that_cannot_be_read_is_buried_and_the_others_go_on() {
    let mut bench = Bench::new(small());
    let (look, budget) = bench.fetch.take().expect("a fetch is under way");
    let broken = Broken { lane: Lane(0), row: row(2, "").row(), error: "its key cannot be read".into() };
    let rows = vec![row(1, "a"), row(3, "b")];
    let fetched = Fetched { rows, broken: vec![broken], ..Fetched::default() };
    assert_eq!(
        bench.give(Input::Fetched(look, budget, fetched)),
        ["publish 1", "publish 3", "settle: bury 2"]
    );
}

#[test]
fn nothing_starts_after_the_lease_may_have_ended() {
    let mut bench = Bench::new(small());
    bench.owns_until(bench.now);
    assert_eq!(bench.fetched(&[(1, "a")], false), [""; 0]);
    let later = bench.now + Duration::from_secs(1);
    assert_eq!(bench.owns_until(later), ["publish 1"]);
    bench.took(1, "a");
    bench.settled();
    bench.give(Input::Wake);
    bench.core.slept();
    assert_eq!(bench.fetched(&[(2, "a")], false), [""; 0], "the machine stood still");
}

/// However large: it would wait for room that need never come.
#[test]
fn a_message_larger_than_what_is_free_comes_all_the_same() {
    let mut bench = Bench::new(RelayConfig { window_bytes: 1_000, ..small() });
    bench.fetched(&[(1, "a")], true);
    let (_, budget) = bench.fetch.as_ref().expect("three quarters are free");
    assert!(budget.bytes < 1_000);
    let large = Envelope { payload: Bytes::from(vec![0; 5_000]), ..row(2, "b") };
    assert_eq!(bench.brought(vec![large], &[Lane(0)]), ["publish 2"]);
    assert!(bench.fetch.is_none(), "and nothing else until there is room");
    bench.took(1, "a");
    assert_eq!(bench.settled(), [""; 0]);
    let large = Envelope { payload: Bytes::from(vec![0; 5_000]), ..row(2, "b") };
    bench.give(Input::Published(vec![(Arc::new(large), Ok(()))]));
    assert_eq!(bench.settled(), ["fetch 16 after 0"]);
}

#[test]
fn a_small_fetch_for_a_large_window_brings_what_is_due() {
    // It asks what is due, though a fetch brings less than an eighth of the window.
    let mut bench = Bench::new(RelayConfig { window_rows: 64, fetch_rows: 3, ..RelayConfig::default() });
    bench.fetched(&[(1, "a")], false);
    bench.refused(1, "a", busy());
    bench.settled();
    bench.now = bench.next_due().expect("the key is tried again");
    assert_eq!(bench.give(Input::Tick), ["what is due?"]);
}
