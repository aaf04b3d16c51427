//! The tests of exercise 25.3. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep, timeout};

use super::sut::{Broker, Refused, publish};

use Fate::*;

/// What becomes of an attempt, and after how many milliseconds.
#[derive(Clone, Copy)]
enum Fate {
    Confirms(u64),
    Refuses(u64),
    /// Never answers.
    Silent,
}

fn broker(fates: &'static [Fate], journal: &Journal) -> Broker {
    let (tx, mut requests) = mpsc::channel::<(u32, oneshot::Sender<Result<(), Refused>>)>(8);
    let journal = journal.clone();
    tokio::spawn(async move {
        let mut fates = fates.iter();
        while let Some((event, answer)) = requests.recv().await {
            journal.log("broker", format_args!("receives event {event}"));
            let fate = *fates.next().unwrap_or(&Refuses(1));
            tokio::spawn(async move {
                let (ms, result) = match fate {
                    Confirms(ms) => (ms, Ok(())),
                    Refuses(ms) => (ms, Err(Refused)),
                    Silent => return std::future::pending().await,
                };
                sleep(Duration::from_millis(ms)).await;
                let _ = answer.send(result); // fails when the caller has stopped waiting
            });
        }
    });
    Broker::new(tx)
}

/// Publishes event 7 with a deadline so many milliseconds from now, and logs what the caller is told.
async fn published(fates: &'static [Fate], deadline_ms: u64) -> Journal {
    let journal = Journal::new();
    let broker = broker(fates, &journal);
    let deadline = Instant::now() + Duration::from_millis(deadline_ms);
    match timeout(HOUR, publish(&broker, 7, deadline)).await {
        Ok(outcome) => journal.log("caller", format_args!("is told {outcome:?}")),
        Err(_) => journal.log("test", "gave up: publish has not returned within an hour"),
    }
    sleep(Duration::from_secs(60)).await; // an attempt that comes later shows in the journal
    journal
}

#[tokio::test(start_paused = true)]
async fn it_returns_when_an_attempt_is_confirmed() {
    assert_journal!(
        published(&[Refuses(37), Silent, Confirms(111)], 1_300).await,
        [
            (0, "broker", "receives event 7"),
            (137, "broker", "receives event 7"),
            (587, "broker", "receives event 7"),
            (698, "caller", "is told Published"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn when_every_attempt_is_refused_that_is_known_and_told_at_once() {
    assert_journal!(
        published(&[Refuses(53), Refuses(17), Refuses(71)], 830).await,
        [
            (0, "broker", "receives event 7"),
            (153, "broker", "receives event 7"),
            (370, "broker", "receives event 7"),
            (441, "caller", "is told NotPublished"), // the next attempt would have been at 841 ms
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn there_are_as_many_attempts_as_there_is_time_for() {
    assert_journal!(
        published(&[Refuses(9), Refuses(22), Refuses(5), Refuses(31), Confirms(60)], 1_700).await,
        [
            (0, "broker", "receives event 7"),
            (109, "broker", "receives event 7"),
            (331, "broker", "receives event 7"),
            (736, "broker", "receives event 7"),
            (1567, "broker", "receives event 7"),
            (1627, "caller", "is told Published"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_last_attempt_has_only_what_is_left() {
    assert_journal!(
        published(&[Refuses(41), Silent, Silent], 290).await,
        [
            (0, "broker", "receives event 7"),
            (141, "broker", "receives event 7"),
            (290, "caller", "is told Unknown"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn one_attempt_without_an_answer_leaves_it_unknown() {
    assert_journal!(
        published(&[Silent, Refuses(33), Refuses(8)], 900).await,
        [
            (0, "broker", "receives event 7"),
            (350, "broker", "receives event 7"),
            (583, "broker", "receives event 7"),
            (591, "caller", "is told Unknown"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_attempt_waits_for_250_ms_even_if_there_is_more_time() {
    assert_journal!(
        published(&[Confirms(251), Confirms(249)], 5_000).await,
        [
            (0, "broker", "receives event 7"),
            (350, "broker", "receives event 7"),
            (599, "caller", "is told Published"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_ends_at_the_deadline_is_too_long() {
    assert_journal!(
        published(&[Refuses(47), Confirms(10)], 147).await,
        [(0, "broker", "receives event 7"), (47, "caller", "is told NotPublished")]
    );
    assert_journal!(
        published(&[Refuses(47), Refuses(60)], 148).await,
        [
            (0, "broker", "receives event 7"),
            (147, "broker", "receives event 7"),
            (148, "caller", "is told Unknown"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn without_time_there_is_no_attempt() {
    assert_journal!(published(&[Confirms(3)], 0).await, [(0, "caller", "is told NotPublished")]);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_that_is_over_already_is_no_reason_to_panic() {
    let journal = Journal::new();
    let broker = broker(&[Confirms(3)], &journal);
    let deadline = Instant::now();
    sleep(Duration::from_millis(13)).await;
    let outcome = publish(&broker, 7, deadline).await;
    journal.log("caller", format_args!("is told {outcome:?}"));
    assert_journal!(journal, [(13, "caller", "is told NotPublished")]);
}
