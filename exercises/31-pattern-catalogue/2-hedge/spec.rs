//! The tests of exercise 31.2. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};

use super::sut::{Down, Mirrors, fetch};

/// What becomes of a question. Only the mirror knows.
#[derive(Clone, Copy)]
enum Fate {
    /// The answer, after so many milliseconds.
    Answers(u64, u64),
    /// An error, after so many milliseconds.
    Fails(u64, &'static str),
}
use Fate::{Answers, Fails};

#[derive(Clone)]
struct Two {
    fates: [Fate; 2],
    journal: Journal,
}

impl Mirrors for Two {
    async fn ask(&self, mirror: u32) -> Result<u64, Down> {
        let fate = self.fates[mirror as usize - 1];
        let mut question =
            Question { name: format!("mirror {mirror}"), journal: self.journal.clone(), is_open: true };
        question.journal.log(&question.name, "is asked");
        let (Answers(takes_ms, _) | Fails(takes_ms, _)) = fate;
        sleep(Duration::from_millis(takes_ms)).await;
        question.is_open = false;
        match fate {
            Answers(_, size) => {
                question.journal.log(&question.name, "answers");
                Ok(size)
            }
            Fails(_, reason) => {
                question.journal.log(&question.name, "fails");
                Err(Down(reason))
            }
        }
    }
}

struct Question {
    name: String,
    journal: Journal,
    is_open: bool,
}

impl Drop for Question {
    fn drop(&mut self) {
        if self.is_open {
            self.journal.log(&self.name, "is dropped");
        }
    }
}

/// Fetches, and gives up after `patience_ms`. Logs what the caller has, and whatever runs on.
async fn given_up_after(patience_ms: u64, first: Fate, second: Fate) -> Journal {
    let journal = Journal::new();
    let fetching = fetch(Two { fates: [first, second], journal: journal.clone() });
    match timeout(Duration::from_millis(patience_ms), fetching).await {
        Ok(Ok(size)) => journal.log("caller", format_args!("has {size} bytes")),
        Ok(Err(Down(reason))) => journal.log("caller", format_args!("Error: {reason}")),
        Err(_) => journal.log("caller", "gives up"),
    }
    sleep(HOUR).await; // what runs on is logged now
    journal
}

async fn fetched(first: Fate, second: Fate) -> Journal {
    given_up_after(3_600_000, first, second).await
}

#[tokio::test(start_paused = true)]
async fn a_fast_answer_needs_no_second_mirror() {
    assert_journal!(
        fetched(Answers(35, 512), Answers(20, 7)).await,
        [(0, "mirror 1", "is asked"), (35, "mirror 1", "answers"), (35, "caller", "has 512 bytes")]
    );
}

#[tokio::test(start_paused = true)]
async fn after_60_ms_the_second_mirror_is_asked_and_may_win() {
    assert_journal!(
        fetched(Answers(145, 512), Answers(50, 2048)).await,
        [
            (0, "mirror 1", "is asked"),
            (60, "mirror 2", "is asked"),
            (110, "mirror 2", "answers"),
            (110, "caller", "has 2048 bytes"),
            (110, "mirror 1", "is dropped"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_first_mirror_may_still_win() {
    assert_journal!(
        fetched(Answers(85, 640), Answers(205, 7)).await,
        [
            (0, "mirror 1", "is asked"),
            (60, "mirror 2", "is asked"),
            (85, "mirror 1", "answers"),
            (85, "caller", "has 640 bytes"),
            (85, "mirror 2", "is dropped"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn when_the_first_mirror_fails_the_second_is_asked_at_once() {
    assert_journal!(
        fetched(Fails(25, "rebooting"), Answers(130, 99)).await,
        [
            (0, "mirror 1", "is asked"),
            (25, "mirror 1", "fails"),
            (25, "mirror 2", "is asked"),
            (155, "mirror 2", "answers"),
            (155, "caller", "has 99 bytes"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_late_failure_of_the_first_does_not_end_the_second() {
    assert_journal!(
        fetched(Fails(95, "rebooting"), Answers(130, 77)).await,
        [
            (0, "mirror 1", "is asked"),
            (60, "mirror 2", "is asked"),
            (95, "mirror 1", "fails"),
            (190, "mirror 2", "answers"),
            (190, "caller", "has 77 bytes"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_the_second_does_not_end_the_first() {
    assert_journal!(
        fetched(Answers(175, 31), Fails(20, "no space")).await,
        [
            (0, "mirror 1", "is asked"),
            (60, "mirror 2", "is asked"),
            (80, "mirror 2", "fails"),
            (175, "mirror 1", "answers"),
            (175, "caller", "has 31 bytes"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn when_both_fail_the_later_error_is_returned() {
    assert_journal!(
        fetched(Fails(90, "rebooting"), Fails(75, "no space")).await,
        [
            (0, "mirror 1", "is asked"),
            (60, "mirror 2", "is asked"),
            (90, "mirror 1", "fails"),
            (135, "mirror 2", "fails"),
            (135, "caller", "Error: no space"),
        ]
    );
    assert_journal!(
        fetched(Fails(120, "rebooting"), Fails(20, "no space")).await,
        [
            (0, "mirror 1", "is asked"),
            (60, "mirror 2", "is asked"),
            (80, "mirror 2", "fails"),
            (120, "mirror 1", "fails"),
            (120, "caller", "Error: rebooting"),
        ]
    );
    assert_journal!(
        fetched(Fails(15, "rebooting"), Fails(130, "no space")).await,
        [
            (0, "mirror 1", "is asked"),
            (15, "mirror 1", "fails"),
            (15, "mirror 2", "is asked"),
            (145, "mirror 2", "fails"),
            (145, "caller", "Error: no space"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_leaves_no_question_behind() {
    assert_journal!(
        given_up_after(100, Answers(310, 1), Answers(205, 2)).await,
        [
            (0, "mirror 1", "is asked"),
            (60, "mirror 2", "is asked"),
            (100, "caller", "gives up"),
            (100, "mirror 1", "is dropped"),
            (100, "mirror 2", "is dropped"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn it_waits_without_checking_again_and_again() {
    let before = Handle::current().metrics().worker_park_count(0);
    fetched(Answers(90_000, 1), Answers(90_000, 2)).await;
    let woken = Handle::current().metrics().worker_park_count(0) - before;
    assert!(woken < 50, "two questions were asked, and the thread woke up {woken} times meanwhile");
}
