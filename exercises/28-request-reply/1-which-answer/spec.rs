//! The tests of exercise 28.1. Your file and the solution are tested by this one copy.

use std::collections::BTreeSet;
use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::sut::{Answer, NoAnswer, Request, Till};

const NEVER: u64 = 3_600_000 * 24;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A service that answers the nth request after so many ms, with a price that only it knows, and those behind the script
/// never. When the till is gone, it returns the ids that it has seen.
fn service(script: &[(u64, u32)]) -> (Till, JoinHandle<Vec<u64>>) {
    let (requests, mut received) = mpsc::channel::<Request>(8);
    let (answers, inbox) = mpsc::channel(8);
    let mut script = script.to_vec().into_iter();
    let service = tokio::spawn(async move {
        let mut ids = Vec::new();
        while let Some(Request { id, .. }) = received.recv().await {
            ids.push(id);
            let Some((takes_ms, dollars)) = script.next() else { continue }; // never answered
            let answers = answers.clone();
            tokio::spawn(async move {
                sleep(ms(takes_ms)).await;
                answers.send(Answer { id, dollars }).await.ok();
            });
        }
        ids
    });
    (Till::new(requests, inbox), service)
}

/// Asks, and logs what it gets.
async fn ask(till: &mut Till, article: &str, limit_ms: u64, journal: &Journal) {
    let what = match timeout(HOUR, till.price(article, ms(limit_ms))).await {
        Ok(Ok(dollars)) => format!("{article} costs ${dollars}"),
        Ok(Err(NoAnswer::Timeout)) => format!("{article}: no answer in {limit_ms} ms"),
        Ok(Err(NoAnswer::Gone)) => format!("{article}: the service has gone"),
        Err(_) => format!("{article}: after an hour `price` still waits"),
    };
    journal.log("till", format_args!("{what}, late answers: {}", till.late()));
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_is_not_the_answer_to_the_next_request() {
    let (journal, (mut till, _service)) = (Journal::new(), service(&[(130, 41), (67, 899), (49, 73)]));
    for (article, pause_ms) in [("lamp", 23), ("sofa", 11), ("chair", 0)] {
        ask(&mut till, article, 100, &journal).await;
        sleep(ms(pause_ms)).await;
    }
    assert_journal!(
        journal,
        [
            (100, "till", "lamp: no answer in 100 ms, late answers: 0"),
            (190, "till", "sofa costs $899, late answers: 1"), // the lamp's answer came at 130 ms
            (250, "till", "chair costs $73, late answers: 1"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_same_article_asked_twice_gets_the_second_price() {
    let (journal, (mut till, _service)) = (Journal::new(), service(&[(61, 41), (90, 37)]));
    ask(&mut till, "lamp", 50, &journal).await;
    ask(&mut till, "lamp", 100, &journal).await;
    assert_journal!(
        journal,
        [
            (50, "till", "lamp: no answer in 50 ms, late answers: 0"),
            (140, "till", "lamp costs $37, late answers: 1"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn late_answers_do_not_extend_the_time_limit() {
    let script = [(110, 1), (170, 2), (230, 3), (290, 4)];
    let (journal, (mut till, _service)) = (Journal::new(), service(&script));
    for article in ["lamp", "sofa", "chair", "desk"] {
        ask(&mut till, article, 10, &journal).await;
    }
    // The four answers come at 110, 180, 250 and 320 ms.
    ask(&mut till, "bed", 200, &journal).await;
    assert_journal!(
        journal,
        [
            (10, "till", "lamp: no answer in 10 ms, late answers: 0"),
            (20, "till", "sofa: no answer in 10 ms, late answers: 0"),
            (30, "till", "chair: no answer in 10 ms, late answers: 0"),
            (40, "till", "desk: no answer in 10 ms, late answers: 0"),
            (240, "till", "bed: no answer in 200 ms, late answers: 2"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn the_answer_to_a_later_request_may_come_first() {
    let script = [(310, 41), (20, 899), (NEVER, 1), (35, 73)];
    let (journal, (mut till, _service)) = (Journal::new(), service(&script));
    for article in ["lamp", "sofa", "desk", "chair"] {
        ask(&mut till, article, 90, &journal).await;
    }
    sleep(ms(85)).await; // the lamp's answer comes at 310 ms, while nothing is asked
    ask(&mut till, "bed", 17, &journal).await;
    assert_journal!(
        journal,
        [
            (90, "till", "lamp: no answer in 90 ms, late answers: 0"),
            (110, "till", "sofa costs $899, late answers: 0"),
            (200, "till", "desk: no answer in 90 ms, late answers: 0"),
            (235, "till", "chair costs $73, late answers: 0"),
            (337, "till", "bed: no answer in 17 ms, late answers: 1"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_request_that_was_dropped_disturbs_none_of_the_next_ones() {
    let (journal, (mut till, service)) = (Journal::new(), service(&[(60, 41), (70, 899), (80, 73)]));
    let dropped = timeout(ms(30), till.price("lamp", HOUR)).await;
    assert!(dropped.is_err(), "the lamp takes 60 ms, and `price` returned {dropped:?} within 30 ms");
    ask(&mut till, "sofa", 100, &journal).await;
    ask(&mut till, "chair", 100, &journal).await;
    assert_journal!(
        journal,
        [
            (100, "till", "sofa costs $899, late answers: 1"),
            (180, "till", "chair costs $73, late answers: 1"),
        ]
    );
    drop(till);
    let ids = service.await.expect("the service does not panic");
    let different: BTreeSet<_> = ids.iter().collect();
    assert_eq!(different.len(), 3, "each request needs an id of its own, and these were sent: {ids:?}");
}

#[tokio::test(start_paused = true)]
async fn the_time_limit_also_holds_when_the_queue_is_full() {
    let (journal, (requests, _full), (_answers, inbox)) =
        (Journal::new(), mpsc::channel(1), mpsc::channel(8));
    let mut till = Till::new(requests, inbox);
    ask(&mut till, "lamp", 70, &journal).await;
    ask(&mut till, "sofa", 90, &journal).await;
    assert_journal!(
        journal,
        [
            (70, "till", "lamp: no answer in 70 ms, late answers: 0"),
            (160, "till", "sofa: no answer in 90 ms, late answers: 0"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn that_the_service_has_gone_is_known_at_once() {
    let (journal, (requests, received), (answers, inbox)) =
        (Journal::new(), mpsc::channel(8), mpsc::channel(8));
    let mut till = Till::new(requests, inbox);
    let ends = async {
        sleep(ms(40)).await;
        drop((received, answers));
    };
    tokio::join!(ask(&mut till, "lamp", 100, &journal), ends);
    ask(&mut till, "sofa", 100, &journal).await;
    assert_journal!(
        journal,
        [
            (40, "till", "lamp: the service has gone, late answers: 0"),
            (40, "till", "sofa: the service has gone, late answers: 0"),
        ]
    );
}
