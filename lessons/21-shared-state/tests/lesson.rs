//! What the scenes of lesson 21 show, with exact milliseconds on the paused clock.

use std::collections::VecDeque;

use lesson_21::{pool, prices, sales, session, story, wrong};
use shared::{HOUR, Journal, assert_journal};
use tokio::sync::Mutex;
use tokio::time::timeout;

const STUCK: &str = "no task can make progress";

#[tokio::test(start_paused = true)]
async fn wrong_workers_that_hold_the_lock_while_publishing_take_turns() {
    let journal = Journal::new();
    let pool = wrong::held_while_publishing(pool::five_events(), journal.clone());
    timeout(HOUR, pool).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "worker 1", "takes event 1"),
            (210, "worker 1", "has published event 1"),
            (210, "worker 2", "takes event 2"),
            (310, "worker 2", "has published event 2"),
            (310, "worker 3", "takes event 3"),
            (620, "worker 3", "has published event 3"),
            (620, "worker 1", "takes event 4"), // it queued for the lock at 210 ms, after worker 3
            (670, "worker 1", "has published event 4"),
            (670, "worker 2", "takes event 5"),
            (800, "worker 2", "has published event 5"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn workers_that_hold_the_lock_while_taking_work_concurrently() {
    let journal = Journal::new();
    timeout(HOUR, pool::pool(pool::five_events(), journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "worker 1", "takes event 1"),
            (0, "worker 2", "takes event 2"),
            (0, "worker 3", "takes event 3"),
            (100, "worker 2", "has published event 2"),
            (100, "worker 2", "takes event 4"),
            (150, "worker 2", "has published event 4"),
            (150, "worker 2", "takes event 5"),
            (210, "worker 1", "has published event 1"),
            (280, "worker 2", "has published event 5"),
            (310, "worker 3", "has published event 3"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_body_that_locks_again_waits_for_itself() {
    let retries = Mutex::new(VecDeque::from([3]));
    let ended = timeout(HOUR, wrong::waits_for_itself(&retries)).await;
    assert!(ended.is_err(), "an hour later it is still waiting");
}

#[tokio::test(start_paused = true)]
async fn wrong_what_was_checked_under_the_lock_is_done_three_times() {
    let journal = Journal::new();
    timeout(HOUR, wrong::three_logins(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "publisher 1", "needs a token"),
            (0, "broker", "login 1 begins"),
            (40, "publisher 2", "needs a token"),
            (40, "broker", "login 2 begins"),
            (110, "publisher 3", "needs a token"),
            (110, "broker", "login 3 begins"),
            (300, "publisher 1", "has token 1"),
            (340, "publisher 2", "has token 2"),
            (410, "publisher 3", "has token 3"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_login_is_enough_for_three_publishers() {
    let journal = Journal::new();
    timeout(HOUR, session::three_publishers(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "publisher 1", "needs a token"),
            (0, "broker", "login 1 begins"),
            (40, "publisher 2", "needs a token"),
            (110, "publisher 3", "needs a token"),
            (300, "publisher 1", "has token 1"),
            (300, "publisher 2", "has token 1"),
            (300, "publisher 3", "has token 1"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_caller_that_gives_up_leaves_its_reply_to_the_next_one() {
    let journal = Journal::new();
    timeout(HOUR, wrong::shared_connection(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "shop 1", "asks for the price of a lamp"),
            (20, "shop 2", "asks for the price of a chair"),
            (50, "shop 1", "gives up"),
            (100, "server", "replies $42 for a lamp"),
            (100, "shop 2", "sells a chair for $42"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_actor_finishes_what_it_has_begun_although_the_caller_gives_up() {
    let journal = Journal::new();
    timeout(HOUR, prices::actor(journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "shop 1", "asks for the price of a lamp"),
            (20, "shop 2", "asks for the price of a chair"),
            (50, "shop 1", "gives up"),
            (100, "server", "replies $42 for a lamp"),
            (100, "actor", "drops $42: nobody waits for it"),
            (200, "server", "replies $15 for a chair"),
            (200, "shop 2", "sells a chair for $15"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_panic_under_a_std_lock_is_passed_on_to_every_later_task() {
    let journal = Journal::new();
    wrong::poisoned(journal.clone()).await;
    assert_journal!(
        journal,
        [
            (10, "order 1", "is counted: 1 in all, for $42"),
            (20, "order 2", "panics: no price for a sofa"),
            (30, "order 3", "panics: called `Result::unwrap()` on an `Err` value: PoisonError { .. }"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_a_panic_under_tokios_lock_leaves_half_of_a_change_and_no_sign_of_it() {
    let journal = Journal::new();
    wrong::not_poisoned(journal.clone()).await;
    assert_journal!(
        journal,
        [
            (10, "order 1", "is counted: 1 in all, for $42"),
            (20, "order 2", "panics: no price for a sofa"),
            (30, "order 3", "is counted: 3 in all, for $57"), // the prices of two
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_panic_outside_of_the_lock_is_the_end_of_one_task_only() {
    let journal = Journal::new();
    sales::priced_first(journal.clone()).await;
    assert_journal!(
        journal,
        [
            (10, "order 1", "is counted: 1 in all, for $42"),
            (20, "order 2", "panics: no price for a sofa"),
            (30, "order 3", "is counted: 2 in all, for $57"),
        ]
    );
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}

#[test]
fn every_claim_is_kept_in_every_schedule_by_the_right_version_only() {
    lesson_21::schedule::claims().assert_kept(env!("CARGO_MANIFEST_DIR"));
}
