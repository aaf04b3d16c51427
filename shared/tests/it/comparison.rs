//! `assert_journal!`: what it accepts, and what it says when it refuses.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use shared::{Journal, assert_journal};
use tokio::time::sleep;

async fn two_tasks() -> Journal {
    let journal = Journal::new();
    journal.log("producer", "sent 1");
    journal.log("consumer", "got 1");
    journal.log("producer", "sent 2");
    sleep(Duration::from_millis(1000)).await;
    journal.log("consumer", "got 2");
    journal
}

fn refusal(assertion: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(assertion)).expect_err("the assertion should fail");
    *panic.downcast::<String>().expect("it fails with a message")
}

#[tokio::test(start_paused = true)]
async fn different_tasks_on_one_millisecond_may_come_in_any_order() {
    assert_journal!(
        two_tasks().await,
        [
            (0, "consumer", "got 1"),
            (0, "producer", "sent 1"),
            (0, "producer", "sent 2"),
            (1000, "consumer", "got 2")
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_task_keeps_its_order() {
    let journal = two_tasks().await;
    let message = refusal(|| {
        assert_journal!(
            journal,
            [
                (0, "producer", "sent 2"),
                (0, "producer", "sent 1"),
                (0, "consumer", "got 1"),
                (1000, "consumer", "got 2")
            ]
        );
    });
    assert!(
        message.contains("at 0 ms producer was expected to log \"sent 2\", but logged \"sent 1\""),
        "{message}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_late_entry_is_shown_in_both_columns_and_explained() {
    let journal = two_tasks().await;
    let message = refusal(|| {
        assert_journal!(
            journal,
            [
                (0, "producer", "sent 1"),
                (0, "consumer", "got 1"),
                (0, "producer", "sent 2"),
                (500, "consumer", "got 2")
            ]
        );
    });
    assert_eq!(
        message,
        "\
the journal differs from the expected story

     expected                    | what happened
     ----------------------------+----------------------------
          0 ms  producer  sent 1 |      0 ms  producer  sent 1
          0 ms  consumer  got 1  |      0 ms  consumer  got 1
          0 ms  producer  sent 2 |      0 ms  producer  sent 2
 ==>    500 ms  consumer  got 2  |      --
  !       --                     |   1000 ms  consumer  got 2

First difference: consumer was expected to log \"got 2\" at 500 ms, but did so at 1000 ms: 500 ms too late.
"
    );
}

#[tokio::test(start_paused = true)]
async fn missing_and_unexpected_entries_are_explained() {
    let journal = two_tasks().await;
    let missing = refusal(|| {
        assert_journal!(
            journal,
            [
                (0, "producer", "sent 1"),
                (0, "consumer", "got 1"),
                (0, "producer", "sent 2"),
                (1000, "consumer", "got 2"),
                (1000, "consumer", "ended")
            ]
        );
    });
    assert!(
        missing.contains("at 1000 ms consumer was expected to log \"ended\", but never did"),
        "{missing}"
    );

    let by_another = refusal(|| {
        assert_journal!(
            journal,
            [
                (0, "producer", "sent 1"),
                (0, "consumer", "got 1"),
                (0, "producer", "sent 2"),
                (1000, "other consumer", "got 2")
            ]
        );
    });
    assert!(
        by_another
            .contains("other consumer was expected to log \"got 2\", but consumer logged it, at 1000 ms"),
        "{by_another}"
    );

    let unexpected = refusal(|| assert_journal!(journal, []));
    assert!(
        unexpected.contains("at 0 ms producer logged \"sent 1\", which was not expected"),
        "{unexpected}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_expected_story_that_goes_back_in_time_is_refused() {
    let journal = two_tasks().await;
    let message = catch_unwind(AssertUnwindSafe(|| {
        assert_journal!(journal, [(1000, "consumer", "got 2"), (0, "producer", "sent 1")]);
    }));
    assert!(message.is_err());
}
