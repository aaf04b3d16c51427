//! Operators' commands and the pause.

use super::*;
use crate::operations::{Command, CommandId, Verb};

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

/// A key in trouble is the store's: it executes the command, and says that the key is due.
#[test]
fn a_command_is_handed_to_the_store_once() {
    let mut bench = Bench::new(small());
    bench.fetched(&[], false);
    let retry = [command(7, Verb::Retry, 1)];
    assert_eq!(bench.told(&retry, false), ["settle: retry key \"a\""]);
    assert!(!bench.core.is_empty());
    assert_eq!(bench.told(&retry, false), [""; 0], "told again, before the store knew");
    assert_eq!(bench.settled(), ["what is due?"]);
    assert_eq!(bench.told(&retry, false), [""; 0], "and again");
    assert_eq!(bench.is_due("a", 0, &[1, 3]), ["publish 1"], "with all its attempts");
    assert_eq!(bench.refused(1, "a", busy()), ["settle: hold key \"a\" at 1 with [], attempt 1"]);
}

/// Rows that are read before something is taken away would be published after.
#[test]
fn a_command_waits_for_what_is_being_read_and_nothing_is_read_before_it_is_committed() {
    let mut bench = Bench::new(small());
    let (clear, skip) = ([command(7, Verb::Clear, 1)], [command(8, Verb::Skip, 1)]);
    assert_eq!(bench.told(&clear, false), [""; 0], "a fetch is under way");
    let effects = bench.fetched(&[(3, "b")], true);
    assert_eq!(effects, ["publish 3", "settle: clear key \"a\""], "and no fetch before it is committed");
    assert_eq!(bench.settled(), ["what is due?", "fetch 7 after 3"]);

    assert_eq!(bench.told(&skip, false), [""; 0], "it is being read what is due");
    assert_eq!(bench.nothing_is_due(), ["settle: skip key \"a\""], "a fetch does not matter for one row");
    bench.give(Input::Wake);
    assert_eq!(bench.fetched(&[], true), [""; 0]);
}

/// The store may refuse it, and then they are there.
#[test]
fn passed_rows_of_a_key_that_is_to_be_cleared_are_asked_for() {
    let mut bench = Bench::new(small());
    bench.fetched(&[(1, "a"), (2, "a"), (3, "a"), (4, "a")], false);
    assert_eq!(bench.refused(1, "a", busy()), ["settle: hold key \"a\" at 1 with [1, 2], attempt 1"]);
    bench.told(&[command(7, Verb::Clear, 1)], false);
    assert_eq!(bench.settled(), ["settle: clear key \"a\""]);
    assert_eq!(bench.settled(), ["what is due?", "refill key \"a\" after 2 up to 4"]);
}

#[test]
fn a_command_waits_for_the_attempt_under_way() {
    let mut bench = Bench::new(small());
    bench.fetched_behind("a", &[2]);
    bench.settled();
    assert_eq!(bench.is_due("a", 1, &[1, 2]), ["publish 1 for the 2. time"]);
    let skip = [command(8, Verb::Skip, 1)];
    assert_eq!(bench.told(&skip, false), [""; 0], "1 is being published");
    assert_eq!(bench.took(1, "a"), ["settle: delete 1, skip key \"a\""], "the store will refuse it");
    assert_eq!(bench.settled(), ["what is due?"], "row 2 is held there");
}

#[test]
fn a_key_that_waits_for_a_sink_that_is_down_can_be_skipped() {
    let mut bench = Bench::new(small());
    bench.fetched_behind("a", &[2]);
    bench.settled();
    assert_eq!(bench.is_due("a", 1, &[1, 2]), ["publish 1 for the 2. time"]);
    bench.refused(1, "a", SinkError::Unavailable("down".into()));
    assert_eq!(bench.told(&[command(8, Verb::Skip, 1)], false), ["settle: skip key \"a\""]);
    assert_eq!(bench.settled(), ["what is due?"]);
    assert_eq!(bench.is_due("a", 0, &[2]), [""; 0]);
    assert_eq!(bench.pass(100), ["publish 2"]);
    bench.took(2, "a");
    bench.settled_and_freed("a");
    bench.told(&[], false);
    assert!(bench.core.is_empty(), "and all room is back");
}

#[test]
fn a_command_whose_lane_was_lost_is_done_by_the_next_owner_once() {
    let mut bench = Bench::new(small());
    bench.fetched(&[], false);
    let skip = [command(7, Verb::Skip, 1)];
    assert_eq!(bench.told(&skip, false), ["settle: skip key \"a\""]);
    assert_eq!(bench.settled_but(&[LEASE]), [""; 0], "nothing of it was written");

    let again = Lease { epoch: Epoch(3), ..LEASE };
    assert_eq!(bench.told_of(&[again], &skip, false), ["open 0"]);
    assert_eq!(bench.opened(&[again]), ["settle: skip key \"a\""], "and nothing is read before");
}

#[test]
fn a_command_is_kept_while_its_lane_opens() {
    let mut bench = Bench::with_lanes(small(), 1, false);
    let retry = [command(7, Verb::Retry, 1)];
    assert_eq!(bench.told(&retry, false), ["open 0"]);
    assert_eq!(bench.opened(&[LEASE]), ["settle: retry key \"a\""]);
}

#[test]
fn while_it_is_paused_nothing_starts_and_what_is_under_way_is_settled() {
    let mut bench = Bench::new(small());
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
