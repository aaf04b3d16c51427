//! One lane: order of a key, room, failures, dead letters and the breaker.

use super::*;

#[test]
fn one_of_a_key_at_a_time_and_one_flush_at_a_time() {
    let mut bench = Bench::new(small(), vec![]);
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
    let mut bench = Bench::new(small(), vec![]);
    bench.fetched(&[(1, "a"), (2, "b"), (3, "c")], false);
    assert_eq!(bench.took_at_once(&[(1, "a"), (3, "c")]), ["settle: delete 1, delete 3"]);
}

#[test]
fn room_returns_when_the_delete_is_committed() {
    let mut bench = Bench::new(RelayConfig { window_rows: 8, ..small() }, vec![]);
    let rows: Vec<(i64, &str)> = (1..=8).map(|seq| (seq, "")).collect();
    assert_eq!(bench.fetched(&rows, true).len(), 8, "all are published");
    for seq in 1..=8 {
        let effects = bench.took(seq, "");
        assert!(!effects.iter().any(|effect| effect.starts_with("fetch")), "{effects:?}");
    }
    // The first flush held one row: not enough for a fetch. The second holds the rest.
    assert_eq!(bench.settled().len(), 1);
    assert_eq!(bench.settled(), ["fetch 8 after 8"]);
}

#[test]
fn a_held_key_is_read_again_after_the_store_knows_and_in_order() {
    let mut bench = Bench::new(small(), vec![]);
    bench.fetched(&[(1, "a"), (2, "a")], true);
    let effects = bench.refused(1, "a", busy());
    assert_eq!(effects.last().unwrap(), "settle: hold key \"a\" at 1 with [1, 2], attempt 1");
    // Due before the flush is committed: what the store would say now is not yet true.
    assert_eq!(bench.pass(100), [""; 0]);
    assert_eq!(bench.settled(), ["refill key \"a\" after 0"]);

    // A later row of the key is met meanwhile: it must queue behind, in the store.
    assert_eq!(bench.fetched(&[(3, "a")], false), ["settle: follow [3]"]);
    assert_eq!(bench.refilled("a", &[1]), ["publish 1"]);
    bench.took(1, "a");
    assert_eq!(bench.settled(), ["refill key \"a\" after 1", "settle: delete 1"]);
    assert_eq!(bench.refilled("a", &[2]), ["publish 2"]);
    assert_eq!(bench.took(2, "a"), ["refill key \"a\" after 2"]);
    assert_eq!(bench.refilled("a", &[3]), ["publish 3"]);
    assert_eq!(bench.took(3, "a"), ["refill key \"a\" after 3"]);
    assert_eq!(bench.refilled("a", &[]), [""; 0]);
    assert_eq!(bench.settled(), ["settle: delete 2, delete 3, free key \"a\""]);
}

#[test]
fn a_row_that_joins_while_the_held_rows_are_read_is_not_left_behind() {
    let head = Held {
        lane: Lane(0),
        ident: Ident::Key("a".into()),
        head: Seq(1),
        attempts: 1,
        hold: Hold::RetryIn(Duration::ZERO),
    };
    let mut bench = Bench::new(small(), vec![head]);
    bench.fetched(&[], false);
    // The first refill was asked for at the start; the row arrives before its answer.
    bench.give(Input::Wake);
    assert_eq!(bench.fetched(&[(5, "a")], false), ["settle: follow [5]"]);
    assert_eq!(bench.refilled("a", &[]), [""; 0], "not free yet: the answer is older than the row");
    assert_eq!(bench.settled(), ["refill key \"a\" after 0"]);
    assert_eq!(bench.refilled("a", &[5]), ["publish 5"]);
}

#[test]
fn nothing_of_a_key_passes_a_dead_letter_before_it_is_committed() {
    let mut bench = Bench::new(small(), vec![]);
    bench.fetched(&[(1, ""), (2, "a")], false);
    assert_eq!(bench.refused(1, "", SinkError::Permanent("no".into())), ["settle: bury 1"]);
    let park = bench.refused(2, "a", SinkError::Permanent("no".into()));
    assert_eq!(park, [""; 0], "a flush is under way");
    assert_eq!(bench.settled(), ["settle: park key \"a\" at 2 with [2], attempt 1"]);
    bench.settled();
    assert!(bench.core.is_empty(), "a parked key is nobody's work");
}

#[test]
fn what_was_held_before_the_start_is_not_passed() {
    let held = |key: &str, hold| Held {
        lane: Lane(0),
        ident: Ident::Key(key.into()),
        head: Seq(1),
        attempts: 9,
        hold,
    };
    let retry = Hold::RetryIn(Duration::from_millis(50));
    let mut bench = Bench::new(small(), vec![held("a", retry), held("p", Hold::Parked)]);
    assert_eq!(
        bench.fetched(&[(7, "a"), (8, "p"), (9, "b")], false),
        ["publish 9", "settle: follow [7, 8]",]
    );
    bench.settled();
    assert_eq!(bench.pass(50), ["refill key \"a\" after 0"]);
    assert_eq!(bench.refilled("a", &[1]), ["publish 1"]);
    let last = bench.refused(1, "a", busy());
    assert_eq!(last, ["settle: park key \"a\" at 1 with [1], attempt 10"], "the tenth attempt is the last");
}

#[test]
fn nothing_starts_after_the_lease_may_have_ended() {
    let mut bench = Bench::new(small(), vec![]);
    bench.owns_until(bench.now);
    assert_eq!(bench.fetched(&[(1, "a")], false), [""; 0]);
    let later = bench.now + Duration::from_secs(1);
    assert_eq!(bench.owns_until(later), ["publish 1"]);
}

#[test]
fn a_sink_that_is_down_gets_one_probe_and_the_head_stays_the_head() {
    let mut bench = Bench::new(small(), vec![]);
    let down = || SinkError::Unavailable("down".into());
    assert_eq!(bench.fetched(&[(1, "a"), (2, "a"), (3, "b")], false), ["publish 1", "publish 3"]);
    assert_eq!(bench.refused(1, "a", down()), [""; 0]);
    assert_eq!(bench.refused(3, "b", down()), [""; 0]);
    let due = bench.next_due().expect("a probe is due") - bench.now;
    assert!(due <= Duration::from_millis(100));
    assert_eq!(bench.pass(100), ["publish 3"], "one");
    assert_eq!(
        bench.took(3, "b"),
        ["publish 1", "settle: delete 3"],
        "then the others, each key from its head"
    );
}

#[test]
fn a_probe_that_the_lease_does_not_allow_waits_for_the_renewal() {
    let mut bench = Bench::new(small(), vec![]);
    let (down, ms) = (|| SinkError::Unavailable("down".into()), Duration::from_millis);
    assert_eq!(bench.fetched(&[(1, "a")], false), ["publish 1"]);
    assert_eq!(bench.refused(1, "a", down()), [""; 0]);
    let due = bench.next_due().expect("a probe is due");
    bench.owns_until(due);
    assert_eq!(bench.next_due(), None, "the lease may have ended by then");

    bench.owns_until(due + ms(1));
    assert_eq!(bench.next_due(), Some(due));
    bench.now = due + ms(1);
    assert_eq!(bench.give(Input::Tick), [""; 0], "awake too late");
    assert_eq!(bench.next_due(), None, "or it would wake again and again");
    assert_eq!(bench.owns_until(due + ms(2)), ["publish 1"]);
}
