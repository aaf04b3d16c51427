//! Operators' commands and the pause.

use super::*;
use crate::operations::{Command, CommandId, Verb};

fn parked(head: i64) -> Held {
    let ident = Ident::Key("a".into());
    Held { lane: Lane(0), ident, head: Seq(head), attempts: 10, hold: Hold::Parked }
}

fn command(id: i64, verb: Verb, head: i64) -> Command {
    Command {
        id: CommandId(id),
        lane: Lane(0),
        ident: Ident::Key("a".into()),
        verb,
        head: Seq(head),
        upto: Seq(9),
        error: "no".into(),
    }
}

impl Bench {
    /// The store tells what it tells with each renewal.
    fn told(&mut self, commands: &[Command], is_paused: bool) -> Vec<String> {
        self.told_of(&[LEASE], commands, is_paused)
    }

    fn told_of(&mut self, leases: &[Lease], commands: &[Command], is_paused: bool) -> Vec<String> {
        self.give(Input::Tenure(Tenure {
            leases: leases.to_vec(),
            share: 1,
            is_complete: true,
            commands: commands.to_vec(),
            is_paused,
            may_publish_until: self.now + Duration::from_secs(3_600),
        }))
    }
}

#[test]
fn a_parked_key_that_is_retried_goes_on_in_order_with_all_its_attempts() {
    let mut bench = Bench::new(small(), vec![parked(1)]);
    bench.fetched(&[(3, "a")], false);
    bench.settled();
    let retry = [command(7, Verb::Retry, 1)];
    assert_eq!(
        bench.told(&retry, false),
        ["settle: hold key \"a\" at 1 with [], attempt 0, command 7 is done"],
        "in the store first"
    );
    assert!(!bench.core.is_empty());
    assert_eq!(bench.told(&retry, false), [""; 0], "told again, before the store knew");
    assert_eq!(bench.settled(), ["refill key \"a\" after 0"]);
    assert_eq!(bench.told(&retry, false), [""; 0], "and again");
    assert_eq!(bench.refilled("a", &[1, 3]), ["publish 1"]);
    assert_eq!(
        bench.refused(1, "a", busy()),
        ["settle: hold key \"a\" at 1 with [1, 3], attempt 1"],
        "not the eleventh"
    );
    bench.settled();
    assert_eq!(bench.told(&[], false), [""; 0]);
    assert_eq!(bench.pass(100), ["refill key \"a\" after 0"]);
    assert_eq!(bench.refilled("a", &[1, 3]), ["publish 1"]);
    assert_eq!(bench.took(1, "a"), ["publish 3", "settle: delete 1"]);
}

#[test]
fn a_skip_buries_the_head_alone_and_nothing_passes_before_that_is_committed() {
    let mut bench = Bench::new(small(), vec![parked(1)]);
    bench.fetched(&[], false);
    let settle = "settle: bury 1, hold key \"a\" at 1 with [], attempt 0, command 7 is done";
    assert_eq!(bench.told(&[command(7, Verb::Skip, 1)], false), [settle]);
    assert_eq!(bench.core.counts.buried, 1);
    assert_eq!(bench.settled(), ["refill key \"a\" after 1"]);
    assert_eq!(bench.refilled("a", &[2]), ["publish 2"]);
    let settle = "settle: hold key \"a\" at 2 with [2], attempt 1";
    assert_eq!(bench.refused(2, "a", busy()), [settle], "the next head begins at its own first attempt");
}

#[test]
fn a_discarded_head_is_deleted_and_a_discarded_key_is_free() {
    let mut bench = Bench::new(small(), vec![parked(1)]);
    bench.fetched(&[], false);
    let held = "hold key \"a\" at 1 with [], attempt 0";
    assert_eq!(
        bench.told(&[command(7, Verb::Discard, 1)], false),
        [format!("settle: discard key \"a\" up to 1, {held}, command 7 is done")]
    );
    assert_eq!(bench.settled(), ["refill key \"a\" after 1"]);
    assert_eq!(bench.refilled("a", &[2]), ["publish 2"]);
    bench.refused(2, "a", SinkError::Permanent("no".into()));
    bench.settled();

    let held = "hold key \"a\" at 2 with [], attempt 0";
    assert_eq!(
        bench.told(&[command(8, Verb::Clear, 2)], false),
        [format!("settle: discard key \"a\" up to 9, {held}, command 8 is done")]
    );
    bench.told(&[], false);
    assert_eq!(bench.settled(), ["refill key \"a\" after 9"]);
    assert_eq!(bench.refilled("a", &[]), ["settle: free key \"a\""]);
    bench.settled();
    assert!(bench.core.is_empty());
}

/// A row that a fetch has read before it was discarded would be published after.
#[test]
fn a_key_is_cleared_while_nothing_is_read() {
    let mut bench = Bench::new(small(), vec![parked(1)]);
    let clear = [command(7, Verb::Clear, 1)];
    assert_eq!(bench.told(&clear, false), [""; 0], "a fetch is under way");
    let effects = bench.fetched(&[(2, "a"), (3, "b")], true);
    assert_eq!(
        effects,
        [
            "publish 3",
            "settle: follow [2], discard key \"a\" up to 9, hold key \"a\" at 1 with [], attempt 0, command 7 is done"
        ],
        "and no fetch before it is committed"
    );
    assert_eq!(bench.settled(), ["refill key \"a\" after 9", "fetch 13 after 3"]);
}

#[test]
fn a_command_waits_for_the_attempt_under_way_and_is_refused_once_the_head_is_gone() {
    let mut bench = Bench::new(small(), vec![parked(1)]);
    bench.fetched(&[], false);
    bench.told(&[command(7, Verb::Retry, 1)], false);
    bench.settled();
    bench.refilled("a", &[1, 2]);
    let skip = [command(8, Verb::Skip, 1)];
    assert_eq!(bench.told(&skip, false), [""; 0], "1 is being published");
    assert_eq!(
        bench.took(1, "a"),
        ["publish 2", "settle: delete 1, command 8 is refused: row 1 is not the head of key \"a\" any more"]
    );
    bench.took(2, "a");
    bench.settled();
    bench.settled();
    bench.refilled("a", &[]);
    bench.settled();
    let late = "settle: command 9 is refused: key \"a\" is not in trouble any more";
    assert_eq!(bench.told(&[command(9, Verb::Skip, 1)], false), [late]);
}

#[test]
fn a_key_that_waits_for_a_sink_that_is_down_can_be_skipped() {
    let mut bench = Bench::new(small(), vec![parked(1)]);
    bench.fetched(&[], false);
    bench.told(&[command(7, Verb::Retry, 1)], false);
    bench.settled();
    assert_eq!(bench.refilled("a", &[1, 2]), ["publish 1"]);
    bench.refused(1, "a", SinkError::Unavailable("down".into()));
    let settle = "settle: bury 1, hold key \"a\" at 1 with [], attempt 0, command 8 is done";
    assert_eq!(bench.told(&[command(8, Verb::Skip, 1)], false), [settle]);
    assert_eq!(bench.settled(), ["refill key \"a\" after 1"]);
    bench.refilled("a", &[2]);
    assert_eq!(bench.pass(100), ["publish 2"]);
    bench.took(2, "a");
    bench.settled();
    bench.refilled("a", &[]);
    bench.settled();
    bench.told(&[], false);
    assert!(bench.core.is_empty(), "and all room is back");
}

#[test]
fn a_command_whose_lane_was_lost_is_done_by_the_next_owner_once() {
    let mut bench = Bench::new(small(), vec![parked(1)]);
    bench.fetched(&[], false);
    let skip = [command(7, Verb::Skip, 1)];
    let settle = "settle: bury 1, hold key \"a\" at 1 with [], attempt 0, command 7 is done";
    assert_eq!(bench.told(&skip, false), [settle]);
    assert_eq!(bench.settled_but(&[LEASE]), [""; 0], "nothing of it was written");

    let again = Lease { epoch: Epoch(3), ..LEASE };
    assert_eq!(bench.told_of(&[again], &skip, false), ["open 0"]);
    assert_eq!(
        bench.give(Input::Opened(vec![again], vec![parked(1)], Legacy::default())),
        ["fetch 16 after 0", settle]
    );
}

#[test]
fn a_command_is_kept_while_its_lane_opens() {
    let mut bench = Bench::with_lanes(small(), 1, false);
    let retry = [command(7, Verb::Retry, 1)];
    assert_eq!(bench.told(&retry, false), ["open 0"]);
    let effects = bench.give(Input::Opened(vec![LEASE], vec![parked(1)], Legacy::default()));
    let settle = "settle: hold key \"a\" at 1 with [], attempt 0, command 7 is done";
    assert_eq!(effects, ["fetch 16 after 0", settle]);
}

#[test]
fn while_it_is_paused_nothing_starts_and_what_is_under_way_is_settled() {
    let mut bench = Bench::new(small(), vec![]);
    assert_eq!(bench.fetched(&[(1, "a"), (2, "a"), (3, "b")], false), ["publish 1", "publish 3"]);
    assert_eq!(bench.told(&[], true), [""; 0]);
    assert_eq!(bench.took(1, "a"), ["settle: delete 1"]);
    let down = SinkError::Unavailable("down".into());
    assert_eq!(bench.refused(3, "b", down), [""; 0]);
    bench.settled();
    assert_eq!(bench.next_due(), None, "no probe is due either");
    assert_eq!(bench.pass(1_000), [""; 0]);
    assert!(bench.core.is_paused() && bench.core.is_drained() && !bench.core.is_empty());
    assert_eq!(bench.told(&[], false), ["publish 3"], "the probe");
    assert_eq!(bench.took(3, "b"), ["publish 2", "settle: delete 3"]);
}
