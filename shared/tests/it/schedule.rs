//! The explorer: which schedules there are, that a seed repeats one, and what it says about those that go wrong.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use shared::schedule::{Tasks, any_ms, any_of, assert_holds, assert_holds_in};
use shared::{Entry, HOUR, Journal, assert_journal};
use tokio::sync::{Mutex, mpsc};
use tokio::task::yield_now;
use tokio::time::{sleep, timeout};

/// Two tasks that send twice each, and log it.
async fn two_senders(journal: Journal) {
    let (tx, rx) = mpsc::channel(4);
    let sender = async |name: &str| {
        for number in 1..=2 {
            tx.send(()).await.expect("the receiver is there");
            journal.log(name, number);
        }
    };
    Tasks::new().with(sender("a")).with(sender("b")).run().await;
    drop(rx);
}

fn order(journal: &[Entry]) -> String {
    journal.iter().map(|entry| format!("{}{} ", entry.task, entry.what)).collect()
}

fn refusal(assertion: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(assertion)).expect_err("the assertion should fail");
    *panic.downcast::<String>().expect("it fails with a message")
}

#[tokio::test(start_paused = true)]
async fn in_a_plain_test_a_task_goes_on_as_long_as_it_can() {
    let journal = Journal::new();
    two_senders(journal.clone()).await;
    assert_journal!(journal, [(0, "a", 1), (0, "a", 2), (0, "b", 1), (0, "b", 2)]);
    assert_eq!((any_of(["first", "second"]), any_ms(7..=9)), ("first", Duration::from_millis(7)));
}

#[test]
fn every_order_of_two_tasks_is_run_once() {
    let seen = RefCell::new(Vec::new());
    assert_holds(two_senders, |journal| {
        seen.borrow_mut().push(order(journal));
        Ok(())
    });
    let seen = seen.into_inner();
    assert_eq!(seen[0], "a1 a2 b1 b2 ", "the first is the ordinary one");
    assert_eq!(seen.len(), 6); // 4! / (2! 2!)
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 6);
}

#[test]
fn seeds_find_every_order_and_repeat_it() {
    let run = || {
        let seen = RefCell::new(Vec::new());
        assert_holds_in(100, two_senders, |journal| {
            seen.borrow_mut().push(order(journal));
            Ok(())
        });
        seen.into_inner()
    };
    let seen = run();
    assert_eq!(seen[0], "a1 a2 b1 b2 ", "the first is the ordinary one");
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 6);
    assert_eq!(seen, run());
}

#[test]
fn every_combination_of_values_is_run_once() {
    let count = Cell::new(0);
    let story = |journal: Journal| async move {
        sleep(any_ms(1..=3)).await;
        journal.log("task", any_of(["x", "y"]));
    };
    assert_holds(story, |_| {
        count.set(count.get() + 1);
        Ok(())
    });
    assert_eq!(count.get(), 6);
}

// ANCHOR: lost-update
#[test]
fn a_lost_update_is_found_and_shown() {
    let story = |journal: Journal| async move {
        let count = Mutex::new(0);
        let add = async |name| {
            let read = *count.lock().await;
            yield_now().await; // another task may add meanwhile
            *count.lock().await = read + 1;
            journal.log(name, read + 1);
        };
        Tasks::new().with(add("a")).with(add("b")).run().await;
    };
    let is_two = |journal: &[Entry]| match journal.last() {
        Some(entry) if entry.what == "2" => Ok(()),
        _ => Err("an update is lost".to_owned()),
    };
    assert_eq!(
        refusal(|| assert_holds(story, is_two)),
        "\
4 of 6 schedules go wrong; the first:
  seed 1: an update is lost

  ms  0
      ╷
b     1
a     2

      0 ms  1  b  1
            2  a  1
"
    );
}
// ANCHOR_END: lost-update

#[test]
fn a_hang_and_a_panic_are_found() {
    let deadlock = |_| async {
        let (one, two) = (Mutex::new(()), Mutex::new(()));
        let both = async |first: &Mutex<()>, second: &Mutex<()>| {
            let _first = first.lock().await;
            yield_now().await;
            let _second = second.lock().await;
        };
        Tasks::new().with(both(&one, &two)).with(both(&two, &one)).run().await;
    };
    let said = refusal(|| assert_holds(deadlock, |_| Ok(())));
    assert!(said.contains("it hangs: no task can make progress"), "{said}");
    let panics = |_| async { assert!(any_of([true, false]), "this must be true") };
    let said = refusal(|| assert_holds(panics, |_| Ok(())));
    assert!(
        said.starts_with("1 of 2 schedules go wrong; the first:\n  seed 1: it panics: this must be true"),
        "{said}"
    );
}

#[test]
fn a_story_with_too_many_schedules_is_run_by_seeds() {
    let many = |_| async { [(); 8].map(|()| any_ms(0..=9)) };
    let said = refusal(|| assert_holds(many, |_| Ok(())));
    assert!(said.contains("more than 10000 schedules: use `assert_holds_in`"), "{said}");
    assert_holds_in(50, many, |_| Ok(()));
}

#[tokio::test(start_paused = true)]
async fn what_a_task_spawns_runs_between_its_steps() {
    let journal = Journal::new();
    let spawner = async {
        let spawned = tokio::spawn({
            let journal = journal.clone();
            async move {
                sleep(Duration::from_millis(20)).await;
                journal.log("spawned", "ends");
            }
        });
        spawned.await.expect("it does not panic");
        journal.log("spawner", "ends");
    };
    let sleeper = async {
        sleep(Duration::from_millis(10)).await;
        journal.log("sleeper", "ends");
    };
    timeout(HOUR, Tasks::new().with(spawner).with(sleeper).run()).await.expect("all of them end");
    assert_journal!(journal, [(10, "sleeper", "ends"), (20, "spawned", "ends"), (20, "spawner", "ends")]);
}

#[tokio::test(start_paused = true)]
async fn no_tasks_at_all_have_ended() {
    timeout(HOUR, Tasks::new().run()).await.expect("there is nothing to wait for");
}

#[test]
fn a_spawned_task_that_logs_may_let_the_others_go_first() {
    let story = |journal: Journal| async move {
        let (tx, mut rx) = mpsc::channel(4);
        for name in ["a", "b"] {
            let (tx, journal) = (tx.clone(), journal.clone());
            tokio::spawn(async move {
                journal.log(name, "begins");
                for half in [1, 2] {
                    tx.send((name, half)).await.expect("the receiver is there");
                }
            });
        }
        drop(tx);
        while let Some((name, half)) = rx.recv().await {
            journal.log("receiver", format_args!("{name}{half}"));
        }
    };
    let together = |journal: &[Entry]| {
        let halves: Vec<_> = journal.iter().filter(|entry| entry.task == "receiver").collect();
        let apart = halves.chunks(2).any(|pair| pair[0].what[..1] != pair[1].what[..1]);
        if apart { Err("the halves of two messages are mixed".to_owned()) } else { Ok(()) }
    };
    assert_holds_in(1, story, together); // an ordinary run
    let said = refusal(|| assert_holds_in(100, story, together));
    assert!(said.contains("the halves of two messages are mixed"), "{said}");
}
