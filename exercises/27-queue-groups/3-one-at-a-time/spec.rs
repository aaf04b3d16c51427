//! The tests of exercise 27.3. Your file and the solution are tested by this one copy.

use std::sync::Arc;
use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

use super::sut::{Change, Queue};

/// A change, as its id and its order, and how long it takes to write it.
type Job = (u32, u32, u64);

/// Takes changes and writes them, until the queue ends. The journal does not say which worker it was.
async fn work(jobs: &'static [Job], queue: Arc<Queue>, journal: Journal) {
    while let Some(in_hand) = queue.next().await {
        let Change { id, order } = in_hand.change;
        let &(.., takes_ms) = jobs.iter().find(|job| job.0 == id).expect("it was published");
        journal.log(format_args!("order {order}"), format_args!("change {id} is taken"));
        sleep(Duration::from_millis(takes_ms)).await;
        journal.log(format_args!("order {order}"), format_args!("change {id} is written"));
    }
}

fn publish(jobs: &[Job], queue: &Queue) {
    for &(id, order, _) in jobs {
        queue.publish(Change { id, order });
    }
}

fn workers<const N: usize>(
    jobs: &'static [Job],
    queue: &Arc<Queue>,
    journal: &Journal,
) -> [JoinHandle<()>; N] {
    [(); N].map(|()| tokio::spawn(work(jobs, Arc::clone(queue), journal.clone())))
}

/// Waits until the workers have ended.
async fn ended<const N: usize>(workers: [JoinHandle<()>; N], journal: &Journal) {
    for worker in workers {
        if timeout(HOUR, worker).await.is_err() {
            journal.log("test", "gave up: a worker waits forever, and no task can make progress");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn changes_of_a_busy_order_are_passed_over() {
    const JOBS: &[Job] = &[(31, 7, 310), (4, 7, 50), (19, 9, 130), (8, 3, 40), (23, 9, 90), (12, 7, 70)];
    let (journal, queue) = (Journal::new(), Arc::new(Queue::default()));
    let workers = workers::<2>(JOBS, &queue, &journal);
    publish(JOBS, &queue);
    queue.end();
    ended(workers, &journal).await;
    assert_journal!(
        journal,
        [
            (0, "order 7", "change 31 is taken"),
            (0, "order 9", "change 19 is taken"), // change 4 is passed over: order 7 is busy
            (130, "order 9", "change 19 is written"),
            (130, "order 3", "change 8 is taken"), // the oldest one that may be taken
            (170, "order 3", "change 8 is written"),
            (170, "order 9", "change 23 is taken"),
            (260, "order 9", "change 23 is written"),
            (310, "order 7", "change 31 is written"),
            (310, "order 7", "change 4 is taken"),
            (360, "order 7", "change 4 is written"),
            (360, "order 7", "change 12 is taken"),
            (430, "order 7", "change 12 is written"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_waits_takes_over_when_another_is_stopped() {
    const JOBS: &[Job] = &[(31, 7, 310), (4, 7, 50), (12, 7, 70)];
    let (journal, queue) = (Journal::new(), Arc::new(Queue::default()));
    publish(JOBS, &queue);
    queue.end();
    let [stopped] = workers::<1>(JOBS, &queue, &journal);
    sleep(Duration::from_millis(1)).await;
    let others = workers::<2>(JOBS, &queue, &journal);
    sleep(Duration::from_millis(99)).await;
    stopped.abort(); // with change 31 in hand, which is lost
    ended(others, &journal).await;
    assert_journal!(
        journal,
        [
            (0, "order 7", "change 31 is taken"),
            (100, "order 7", "change 4 is taken"),
            (150, "order 7", "change 4 is written"),
            (150, "order 7", "change 12 is taken"),
            (220, "order 7", "change 12 is written"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn changes_are_taken_as_they_come() {
    const JOBS: &[Job] = &[(31, 7, 310), (4, 7, 50), (19, 9, 130)];
    let (journal, queue) = (Journal::new(), Arc::new(Queue::default()));
    let workers = workers::<2>(JOBS, &queue, &journal);
    for job in JOBS {
        sleep(Duration::from_millis(37)).await;
        publish(&[*job], &queue);
    }
    sleep(Duration::from_millis(500)).await;
    queue.end();
    ended(workers, &journal).await;
    assert_journal!(
        journal,
        [
            (37, "order 7", "change 31 is taken"),
            (111, "order 9", "change 19 is taken"), // change 4 has come before, at 74 ms
            (241, "order 9", "change 19 is written"),
            (347, "order 7", "change 31 is written"),
            (347, "order 7", "change 4 is taken"),
            (397, "order 7", "change 4 is written"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_next_that_is_dropped_takes_nothing() {
    let queue = Arc::new(Queue::default());
    publish(&[(31, 7, 0), (4, 7, 0)], &queue);
    let in_hand = queue.next().await.expect("a change may be taken");
    let patience = Duration::from_millis(50);
    assert!(timeout(patience, queue.next()).await.is_err(), "change 4 was taken while change 31 was in hand");
    drop(in_hand);
    let next = timeout(HOUR, queue.next()).await.expect("change 4 can never be taken");
    assert!(
        next.is_some_and(|next| next.change.id == 4),
        "change 4 must be taken after change 31, although a `next` was dropped meanwhile"
    );
}

#[tokio::test(start_paused = true)]
async fn a_worker_sleeps_until_there_is_something_to_take() {
    const JOBS: &[Job] = &[(31, 7, 95_430), (4, 7, 50)];
    let (journal, queue) = (Journal::new(), Arc::new(Queue::default()));
    let workers = workers::<3>(JOBS, &queue, &journal);
    publish(JOBS, &queue);
    queue.end();
    ended(workers, &journal).await;
    let slept = Handle::current().metrics().worker_park_count(0);
    assert!(
        slept < 50,
        "two changes were written one after the other, but the thread woke up {slept} times meanwhile: \
         a worker keeps looking at the queue instead of waiting"
    );
}

#[tokio::test(start_paused = true)]
async fn each_order_has_its_changes_in_order_and_one_at_a_time() {
    let (queue, journal) = (Arc::new(Queue::default()), Journal::new());
    let changes: Vec<_> = (0..200).map(|n| Change { id: n * 37 % 211, order: n * 37 % 211 % 7 }).collect();
    for &change in &changes {
        queue.publish(change);
    }
    queue.end();
    let mut workers = JoinSet::new();
    for _ in 0..4 {
        let (queue, journal) = (Arc::clone(&queue), journal.clone());
        workers.spawn(async move {
            while let Some(in_hand) = queue.next().await {
                let Change { id, order } = in_hand.change;
                journal.log(order, id);
                sleep(Duration::from_millis(u64::from(3 + id * 7 % 29))).await;
                journal.log(order, id);
            }
        });
    }
    timeout(HOUR, workers.join_all()).await.expect("a worker waits forever, and no task can make progress");
    for order in 0..7 {
        // Each id twice in a row: taken, then written.
        let of_order = changes.iter().filter(|change| change.order == order);
        let expected: Vec<_> =
            of_order.flat_map(|change| [change.id.to_string(), change.id.to_string()]).collect();
        let entries = journal.entries().into_iter().filter(|entry| entry.task == order.to_string());
        let actual: Vec<_> = entries.map(|entry| entry.what).collect();
        let same = actual.iter().zip(&expected).take_while(|(actual, expected)| actual == expected).count();
        let next = |entries: &[String]| entries.iter().skip(same).take(4).cloned().collect::<Vec<_>>();
        assert!(
            actual == expected,
            "the changes of order {order} must be written in order, one at a time: each id once when it is taken, and once when it is \
             written. After {same} entries, {:?} were expected, and {:?} happened",
            next(&expected),
            next(&actual)
        );
    }
}
