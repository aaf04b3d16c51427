//! A sink that is down, that hangs, and that takes only so much.

use super::*;

fn down() -> SinkError {
    SinkError::Unavailable("down".into())
}

fn silent() -> SinkError {
    SinkError::TimedOut("no answer".into())
}

#[test]
fn a_sink_that_is_down_gets_one_probe_and_the_head_stays_the_head() {
    let mut bench = Bench::new(small());
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
    assert!(
        matches!(&bench.notices[1..], [Notice::SinkDown { .. }, Notice::SinkUp]),
        "each is told once: {:?}",
        bench.notices
    );
}

#[test]
fn a_probe_that_the_lease_does_not_allow_waits_for_the_renewal() {
    let mut bench = Bench::new(small());
    let ms = Duration::from_millis;
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

#[test]
fn a_sink_that_hangs_costs_no_attempt_and_each_probe_is_another_keys() {
    let mut bench = Bench::new(small());
    assert_eq!(bench.fetched(&[(1, "a"), (2, "b")], false), ["publish 1", "publish 2"]);
    assert_eq!(bench.refused(1, "a", silent()), [""; 0]);
    assert_eq!(bench.refused(2, "b", silent()), [""; 0]);
    for probe in ["publish 1", "publish 2", "publish 1"] {
        assert_eq!(bench.pass(30_000), [probe]);
        let key = if probe == "publish 1" { (1, "a") } else { (2, "b") };
        assert_eq!(bench.refused(key.0, key.1, silent()), [""; 0], "nothing is held");
    }
    assert_eq!(bench.core.counts.failed, 0);
}

/// While others are answered, a message that is not has failed like any other.
#[test]
fn a_message_that_hangs_alone_has_failed() {
    let mut bench = Bench::new(small());
    bench.fetched(&[(1, "a"), (2, "b")], false);
    bench.took(2, "b");
    bench.settled();
    assert_eq!(bench.refused(1, "a", silent()), ["settle: hold key \"a\" at 1 with [1], attempt 1"]);
}

/// The sink may have taken it, and recognizes a repeat only for a while.
#[test]
fn what_may_have_been_taken_is_tried_again_soon() {
    let mut bench = Bench::new(small());
    assert_eq!(bench.fetched_behind("a", &[1]), ["settle: key \"a\" follows with [1]"]);
    bench.settled();
    assert_eq!(bench.is_due("a", 20, &[1]), ["publish 1 for the 21. time"]);
    bench.give(Input::Wake);
    assert_eq!(bench.fetched(&[(2, "b")], false), ["publish 2"]);
    bench.took(2, "b");
    bench.settled();
    bench.refused(1, "a", silent());
    let Some(Changes { fenced, .. }) = &bench.settle else { panic!("a flush is under way") };
    let Change::Hold { held, .. } = &fenced[0].change else { panic!("{fenced:?}") };
    assert!(matches!(held.hold, Hold::RetryIn(delay) if delay <= Duration::from_secs(60)), "{held:?}");
}
