//! What each lock promises: the totals agree, a panic poisons or does not, a wait can be cancelled, a writer is not starved.

use std::future::ready;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex as StdMutex, PoisonError};
use std::time::Duration;

use lesson_21::sales::{Sales, Totals};
use shared::{HOUR, Journal, assert_journal};
use tokio::sync::{Mutex, OnceCell, RwLock, mpsc};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_test::{assert_pending, assert_ready, assert_ready_eq, task};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_order_is_lost_and_the_two_totals_always_agree() {
    let (sales, mut tasks) = (Sales::default(), JoinSet::new());
    for _ in 0..8 {
        let sales = sales.clone();
        tasks.spawn(async move {
            for _ in 0..1000 {
                sales.add(42);
                let Totals { orders, dollars } = sales.totals();
                assert_eq!(dollars, orders * 42);
            }
        });
    }
    tasks.join_all().await;
    assert_eq!(sales.totals(), Totals { orders: 8000, dollars: 336_000 });
}

#[test]
fn a_poisoned_lock_can_still_be_taken() {
    let totals = StdMutex::new(1);
    let panics = || {
        let _guard = totals.lock().unwrap();
        panic!("under the lock");
    };
    catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
    assert!(totals.is_poisoned() && totals.lock().is_err());

    *totals.lock().unwrap_or_else(PoisonError::into_inner) += 1; // says: whatever the panic left is fine
    totals.clear_poison(); // says: it has been repaired
    assert_eq!(*totals.lock().unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn tokios_lock_is_given_in_the_order_of_the_calls() {
    let (lock, journal) = (Mutex::new(()), Journal::new());
    let caller = async |name: &str, after_ms, holds_ms| {
        sleep(Duration::from_millis(after_ms)).await;
        let _guard = lock.lock().await;
        journal.log(name, "has the lock");
        sleep(Duration::from_millis(holds_ms)).await;
    };
    tokio::join!(caller("third", 20, 10), caller("first", 0, 100), caller("second", 10, 10));
    assert_journal!(
        journal,
        [(0, "first", "has the lock"), (100, "second", "has the lock"), (110, "third", "has the lock")]
    );
}

#[test]
fn a_cancelled_wait_for_tokios_lock_loses_its_place_and_nothing_else() {
    let lock = Mutex::new(());
    let guard = task::spawn(lock.lock()).poll();
    let mut first = task::spawn(lock.lock());
    let mut second = task::spawn(lock.lock());
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    drop(first);
    drop(guard);
    assert!(second.is_woken());
    let guard = assert_ready!(second.poll());
    drop(guard);
}

#[test]
fn a_worker_that_is_dropped_while_it_waits_for_an_event_loses_none() {
    let (events, queue) = mpsc::channel(1);
    let queue = Mutex::new(queue);
    let next = async || queue.lock().await.recv().await;
    {
        let (mut first, mut second) = (task::spawn(next()), task::spawn(next()));
        assert_pending!(first.poll()); // has the lock, and waits for an event
        assert_pending!(second.poll()); // waits for the lock
        drop(first);
        assert!(second.is_woken());
        assert_pending!(second.poll()); // now it has the lock
        events.try_send(7).unwrap();
        assert_ready_eq!(second.poll(), Some(7));
    }
    assert!(queue.try_lock().is_ok());
}

#[test]
fn a_once_cell_lets_the_next_caller_try_when_the_first_fails_or_is_dropped() {
    let token = OnceCell::new();
    assert_ready_eq!(task::spawn(token.get_or_try_init(|| ready(Err("refused")))).poll(), Err("refused"));

    let mut first = task::spawn(token.get_or_init(std::future::pending));
    assert_pending!(first.poll());
    let mut second = task::spawn(token.get_or_init(|| ready(2)));
    assert_pending!(second.poll()); // waits for the first
    drop(first);
    assert!(second.is_woken());
    assert_ready_eq!(second.poll(), &2);
    assert_ready_eq!(task::spawn(token.get_or_init(|| ready(3))).poll(), &2);
}

#[tokio::test(start_paused = true)]
async fn readers_share_tokios_rwlock_until_a_writer_waits() {
    let prices = RwLock::new(42);
    let first = prices.read().await;
    let second = timeout(HOUR, prices.read()).await.expect("readers share the lock");

    let mut writer = task::spawn(prices.write());
    assert_pending!(writer.poll());
    // This reader queues behind the writer. In a task that still holds `first`, it would wait forever.
    timeout(HOUR, prices.read()).await.expect_err("a writer waits");
    drop((first, second));
    assert!(writer.is_woken());
}
