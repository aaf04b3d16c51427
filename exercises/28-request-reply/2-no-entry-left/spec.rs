//! The tests of exercise 28.2. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::HOUR;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_test::task;

use super::sut::{Request, Waiting, price};

const STUCK: &str = "`price` does not return, and no task can make progress";

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A connection with a server that answers each request after so many ms, in any order. It has this many slots.
fn connection(slots: usize, waiting: &Waiting) -> mpsc::Sender<Request> {
    let (connection, mut requests) = mpsc::channel::<Request>(slots);
    let waiting = waiting.clone();
    tokio::spawn(async move {
        while let Some((id, article)) = requests.recv().await {
            let waiting = waiting.clone();
            tokio::spawn(async move {
                let (takes_ms, dollars) = takes_and_costs(&article);
                sleep(ms(takes_ms)).await;
                waiting.deliver(id, dollars);
            });
        }
    });
    connection
}

/// How many ms the server takes, and what it answers.
fn takes_and_costs(article: &str) -> (u64, u32) {
    match article {
        "lamp" => (130, 41),
        "sofa" => (67, 899),
        "chair" => (49, 73),
        other => panic!("the server knows no {other}"),
    }
}

/// Asks in a task.
fn spawn(
    article: &'static str,
    connection: &mpsc::Sender<Request>,
    waiting: &Waiting,
) -> JoinHandle<Option<u32>> {
    let (connection, waiting) = (connection.clone(), waiting.clone());
    tokio::spawn(async move { price(article, &connection, &waiting).await })
}

async fn joined(asking: JoinHandle<Option<u32>>) -> Option<u32> {
    timeout(HOUR, asking).await.expect(STUCK).expect("`price` panicked: see the message above")
}

#[track_caller]
fn assert_entries(waiting: &Waiting, expected: usize, when: &str) {
    let count = waiting.count();
    assert!(count == expected, "{when}: the table must have {expected} entries, and has {count}");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_dropped_leaves_no_entry() {
    let waiting = Waiting::default();
    let connection = connection(8, &waiting);
    for number in 1..=1000 {
        let dropped = timeout(ms(number % 40), price("chair", &connection, &waiting)).await;
        assert!(dropped.is_err(), "the chair takes 49 ms, and `price` returned {dropped:?} before that");
        assert_entries(
            &waiting,
            0,
            &format!("request {number} has been dropped while it waited for its answer"),
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_dropped_in_the_queue_leaves_no_entry() {
    let waiting = Waiting::default();
    let (connection, _full) = mpsc::channel(1);
    connection.send((0, "lamp".to_owned())).await.unwrap();
    let dropped = timeout(ms(31), price("chair", &connection, &waiting)).await;
    assert!(dropped.is_err(), "no slot is free, and `price` returned {dropped:?}");
    assert_entries(&waiting, 0, "the request has been dropped while it waited for a slot in the queue");
}

#[tokio::test(start_paused = true)]
async fn the_others_still_get_their_answers() {
    let waiting = Waiting::default();
    let connection = connection(8, &waiting);
    let (lamp, sofa) = (spawn("lamp", &connection, &waiting), spawn("sofa", &connection, &waiting));
    let abandoned = spawn("chair", &connection, &waiting);
    sleep(ms(23)).await;
    assert_entries(&waiting, 3, "three requests are waiting");
    abandoned.abort();
    assert!(abandoned.await.is_err(), "its task was aborted");
    assert_entries(&waiting, 2, "the task of one request of three has been aborted");
    assert_eq!(joined(sofa).await, Some(899), "the price of the sofa, after another request was dropped");
    assert_entries(&waiting, 1, "one of three requests was dropped, and one has its answer");
    assert_eq!(joined(lamp).await, Some(41), "the price of the lamp, after another request was dropped");
    assert_entries(&waiting, 0, "all requests have ended");
}

#[tokio::test(start_paused = true)]
async fn when_the_connection_ends_all_are_told() {
    let waiting = Waiting::default();
    let (connection, requests) = mpsc::channel(8);
    let (lamp, sofa) = (spawn("lamp", &connection, &waiting), spawn("sofa", &connection, &waiting));
    sleep(ms(37)).await;
    drop(requests);
    waiting.end();
    assert_eq!((joined(lamp).await, joined(sofa).await), (None, None), "the connection has ended");
    assert_entries(&waiting, 0, "the connection has ended");
    let late = timeout(HOUR, price("chair", &connection, &waiting)).await.expect(STUCK);
    assert_eq!(late, None, "the connection had ended before this request");
    assert_entries(&waiting, 0, "a request has found that the connection has ended");
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_finds_no_entry() {
    let waiting = Waiting::default();
    let (connection, mut requests) = mpsc::channel(8);
    let mut asking = task::spawn(price("lamp", &connection, &waiting));
    assert!(
        asking.poll().is_pending(),
        "`price` ended before there was an answer: has its entry been removed too early?"
    );
    let (id, _lamp) = requests.try_recv().expect("the request has been sent");
    drop(asking);
    assert!(!waiting.deliver(id, 41), "the request was dropped, so nobody waits for its answer");

    let mut asking = task::spawn(price("sofa", &connection, &waiting));
    assert!(
        asking.poll().is_pending(),
        "`price` ended before there was an answer: has its entry been removed too early?"
    );
    let (next, _sofa) = requests.try_recv().expect("the request has been sent");
    assert!(next != id, "the second request has the id of the first one, which was dropped");
    assert!(!waiting.deliver(id, 41), "the answer to the first request was delivered to the second one");
    assert!(waiting.deliver(next, 899), "the second request is waiting");
}

#[tokio::test(start_paused = true)]
async fn a_request_needs_no_task_of_its_own() {
    let waiting = Waiting::default();
    let (connection, _requests) = mpsc::channel(8);
    let tasks = Handle::current().metrics().num_alive_tasks();
    let mut asking = task::spawn(price("lamp", &connection, &waiting));
    assert!(
        asking.poll().is_pending(),
        "`price` ended before there was an answer: has its entry been removed too early?"
    );
    let more = Handle::current().metrics().num_alive_tasks() - tasks;
    assert_eq!(more, 0, "tasks that were spawned for a single request");
}
