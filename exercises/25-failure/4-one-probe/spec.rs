//! The tests of exercise 25.4. Your file and the solution are tested by this one copy.

use std::sync::Arc;
use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::sut::{Breaker, Called, NoAnswer};

use Attempt::*;

/// What becomes of an attempt, and after how many milliseconds.
#[derive(Clone, Copy)]
enum Attempt {
    Answered(u64),
    Unanswered(u64),
    /// Would be answered much later; its caller gives up after this many milliseconds.
    GivenUp(u64),
}

/// The callers come at their milliseconds. Each logs when its attempt is sent, and what became of it.
async fn played(callers: &[(u64, &'static str, Attempt)]) -> Journal {
    let (journal, breaker, start) = (Journal::new(), Arc::new(Breaker::new()), Instant::now());
    let callers = callers.iter().map(|&(at_ms, name, attempt)| {
        let (journal, breaker) = (journal.clone(), breaker.clone());
        tokio::spawn(async move {
            sleep_until(start + Duration::from_millis(at_ms)).await;
            call(name, attempt, &breaker, &journal).await;
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.expect("call panicked: see the message above");
    }
    journal
}

async fn call(name: &str, attempt: Attempt, breaker: &Breaker, journal: &Journal) {
    let (takes_ms, patience, result) = match attempt {
        Answered(ms) => (ms, HOUR, Ok(())),
        Unanswered(ms) => (ms, HOUR, Err(NoAnswer)),
        GivenUp(ms) => (60_000, Duration::from_millis(ms), Ok(())),
    };
    let attempt = async {
        journal.log(name, "is sent");
        sleep(Duration::from_millis(takes_ms)).await;
        result
    };
    match timeout(patience, breaker.call(attempt)).await {
        Ok(Called::Through(Ok(()))) => journal.log(name, "is answered"),
        Ok(Called::Through(Err(NoAnswer))) => journal.log(name, "has no answer"),
        Ok(Called::Refused) => journal.log(name, "is refused"),
        Err(_) => journal.log(name, "gives up"),
    }
}

#[tokio::test(start_paused = true)]
async fn while_it_is_closed_everybody_goes_through() {
    let callers = [(0, "ann", Answered(70)), (13, "ben", Answered(21)), (29, "cleo", Answered(80))];
    assert_journal!(
        played(&callers).await,
        [
            (0, "ann", "is sent"),
            (13, "ben", "is sent"),
            (29, "cleo", "is sent"),
            (34, "ben", "is answered"),
            (70, "ann", "is answered"),
            (109, "cleo", "is answered"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn after_the_pause_one_probe_goes_through_and_its_answer_closes_the_breaker() {
    let callers = [
        (0, "ann", Unanswered(30)),
        (31, "ben", Answered(10)),
        (429, "cleo", Answered(10)),
        (433, "dora", Answered(150)),
        (440, "emil", Answered(10)),
        (582, "finn", Answered(10)),
        (590, "gus", Answered(25)),
        (597, "hana", Answered(40)),
    ];
    assert_journal!(
        played(&callers).await,
        [
            (0, "ann", "is sent"),
            (30, "ann", "has no answer"),
            (31, "ben", "is refused"),
            (429, "cleo", "is refused"),
            (433, "dora", "is sent"),
            (440, "emil", "is refused"),
            (582, "finn", "is refused"),
            (583, "dora", "is answered"),
            (590, "gus", "is sent"),
            (597, "hana", "is sent"),
            (615, "gus", "is answered"),
            (637, "hana", "is answered"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_probe_without_an_answer_opens_it_again() {
    let callers = [
        (0, "ann", Unanswered(20)),
        (425, "ben", Unanswered(110)),
        (480, "cleo", Answered(10)),
        (933, "dora", Answered(10)),
        (937, "emil", Unanswered(50)),
        (1_385, "finn", Answered(10)),
        (1_388, "gus", Answered(45)),
        (1_440, "hana", Answered(5)),
    ];
    assert_journal!(
        played(&callers).await,
        [
            (0, "ann", "is sent"),
            (20, "ann", "has no answer"),
            (425, "ben", "is sent"),
            (480, "cleo", "is refused"),
            (535, "ben", "has no answer"),
            (933, "dora", "is refused"),
            (937, "emil", "is sent"),
            (987, "emil", "has no answer"),
            (1_385, "finn", "is refused"),
            (1_388, "gus", "is sent"),
            (1_433, "gus", "is answered"),
            (1_440, "hana", "is sent"),
            (1_445, "hana", "is answered"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn when_the_probe_is_dropped_the_next_caller_is_the_probe() {
    let callers = [
        (0, "ann", Unanswered(15)),
        (420, "ben", GivenUp(60)),
        (477, "cleo", Answered(10)),
        (483, "dora", GivenUp(31)),
        (519, "emil", Answered(90)),
        (550, "finn", Answered(10)),
        (611, "gus", Answered(10)),
    ];
    assert_journal!(
        played(&callers).await,
        [
            (0, "ann", "is sent"),
            (15, "ann", "has no answer"),
            (420, "ben", "is sent"),
            (477, "cleo", "is refused"),
            (480, "ben", "gives up"),
            (483, "dora", "is sent"),
            (514, "dora", "gives up"),
            (519, "emil", "is sent"),
            (550, "finn", "is refused"),
            (609, "emil", "is answered"),
            (611, "gus", "is sent"),
            (621, "gus", "is answered"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_is_dropped_while_the_breaker_is_closed_changes_nothing() {
    let callers = [(0, "ann", GivenUp(40)), (50, "ben", Answered(10))];
    assert_journal!(
        played(&callers).await,
        [(0, "ann", "is sent"), (40, "ann", "gives up"), (50, "ben", "is sent"), (60, "ben", "is answered"),]
    );
}

#[tokio::test(start_paused = true)]
async fn an_attempt_from_before_does_not_close_it_while_it_is_open() {
    let callers = [
        (0, "ann", Answered(200)),
        (10, "ben", Unanswered(40)),
        (20, "cleo", GivenUp(90)),
        (150, "dora", Answered(10)),
        (230, "emil", Answered(10)),
        (455, "finn", Answered(35)),
    ];
    assert_journal!(
        played(&callers).await,
        [
            (0, "ann", "is sent"),
            (10, "ben", "is sent"),
            (20, "cleo", "is sent"),
            (50, "ben", "has no answer"),
            (110, "cleo", "gives up"),
            (150, "dora", "is refused"),
            (200, "ann", "is answered"),
            (230, "emil", "is refused"),
            (455, "finn", "is sent"),
            (490, "finn", "is answered"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_attempt_from_before_does_not_make_the_pause_longer() {
    let callers = [(0, "ann", Unanswered(300)), (5, "ben", Unanswered(45)), (453, "cleo", Answered(20))];
    assert_journal!(
        played(&callers).await,
        [
            (0, "ann", "is sent"),
            (5, "ben", "is sent"),
            (50, "ben", "has no answer"),
            (300, "ann", "has no answer"),
            (453, "cleo", "is sent"),
            (473, "cleo", "is answered"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_attempt_from_before_does_not_decide_for_the_probe() {
    let callers = [
        (0, "ann", Answered(500)),
        (2, "ben", Unanswered(530)),
        (3, "gus", GivenUp(540)),
        (5, "cleo", Unanswered(45)),
        (470, "dora", Answered(120)),
        (510, "emil", Answered(10)),
        (545, "finn", Answered(10)),
        (594, "hana", Answered(10)),
    ];
    assert_journal!(
        played(&callers).await,
        [
            (0, "ann", "is sent"),
            (2, "ben", "is sent"),
            (3, "gus", "is sent"),
            (5, "cleo", "is sent"),
            (50, "cleo", "has no answer"),
            (470, "dora", "is sent"),
            (500, "ann", "is answered"),
            (510, "emil", "is refused"),
            (532, "ben", "has no answer"),
            (543, "gus", "gives up"),
            (545, "finn", "is refused"),
            (590, "dora", "is answered"),
            (594, "hana", "is sent"),
            (604, "hana", "is answered"),
        ]
    );
}
