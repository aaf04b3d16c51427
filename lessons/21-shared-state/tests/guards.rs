//! How long a guard lives, and what a lock does meanwhile.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::sleep;

#[test]
#[rustfmt::skip]
// ANCHOR: scrutinee
fn a_guard_in_a_while_let_lives_until_the_end_of_the_body() {
    let queue = Mutex::new(VecDeque::from([1, 2, 3]));
    let locked = || queue.try_lock().is_err();

    while let Some(event) = queue.lock().unwrap().pop_front() {
        assert!(locked());
        if event == 2 { break; }
    }
    if let Some(_event) = queue.lock().unwrap().pop_front() { assert!(locked()); }

    // The queue is empty now. In edition 2021 the first of these three is locked too.
    if let Some(_event) = queue.lock().unwrap().pop_front() {} else { assert!(!locked()); }
    match queue.lock().unwrap().pop_front() { Some(_event) => {}, None => assert!(locked()) }
    let Some(_event) = queue.lock().unwrap().pop_front() else { return assert!(!locked()) };
}
// ANCHOR_END: scrutinee

#[test]
fn every_other_guard_without_a_name_is_dropped_before_the_next_statement() {
    let queue = Mutex::new(VecDeque::from([1, 2, 3, 4]));
    let locked = || queue.try_lock().is_err();

    let first = queue.lock().unwrap().pop_front();
    assert!(!locked() && first == Some(1));

    let Some(second) = queue.lock().unwrap().pop_front() else { unreachable!() };
    assert!(!locked() && second == 2);

    if !queue.lock().unwrap().is_empty() {
        assert!(!locked(), "an `if` without `let`");
    }
    while queue.lock().unwrap().len() == 2 {
        assert!(!locked(), "a `while` without `let`");
        queue.lock().unwrap().pop_front();
    }
    // In edition 2021 the guard of a block's last expression outlives the block.
    if let Some(fourth) = { queue.lock().unwrap().pop_front() } {
        assert!(!locked() && fourth == 4);
    }
}

#[tokio::test(start_paused = true)]
#[expect(clippy::await_holding_lock, reason = "this is what the test shows")]
async fn wrong_a_future_that_is_not_spawned_may_hold_a_std_guard_across_an_await() {
    let total = Mutex::new(0);
    let holds = async {
        let mut total = total.lock().unwrap();
        sleep(Duration::from_millis(100)).await;
        *total += 1;
    };
    let needs = async {
        sleep(Duration::from_millis(10)).await;
        total.try_lock().is_err() // `lock` would block the thread, and `holds` would never be polled again
    };
    assert_eq!(tokio::join!(holds, needs), ((), true));
}
