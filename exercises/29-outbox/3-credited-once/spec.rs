//! The tests of exercise 29.3. Your file and the solution are tested by this one copy.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::Connection;
use shared::HOUR;
use tokio::time::{sleep, timeout};

use super::sut::{Message, TABLES, Tariff, receive};

/// Like `assert_eq!`, and says which of the two was expected.
macro_rules! expect {
    ($actual:expr, $expected:expr, $($what:tt)+) => {
        match (&$actual, &$expected) {
            (actual, expected) => assert!(
                actual == expected,
                "{}: expected {expected:?}, got {actual:?}",
                format_args!($($what)+)
            ),
        }
    };
}

fn opened(file: &Path) -> Connection {
    let db = Connection::open(file).unwrap();
    db.busy_timeout(Duration::ZERO).unwrap();
    db.execute_batch("PRAGMA synchronous = OFF").unwrap(); // the tests end no operating system
    db.execute_batch(TABLES).unwrap();
    db
}

/// A consumer with its database, in which ann and bob have accounts, and the tariff that it asks.
struct Consumer {
    _folder: tempfile::TempDir,
    file: PathBuf,
    db: Mutex<Connection>,
    tariff_takes_ms: RefCell<VecDeque<u64>>,
    tariff_up: Cell<bool>,
}

impl Consumer {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("points.db");
        let db = opened(&file);
        db.execute_batch("INSERT INTO accounts VALUES ('ann', 0), ('bob', 0)").unwrap();
        let (db, takes_ms) = (Mutex::new(db), RefCell::default());
        Self { _folder: folder, file, db, tariff_takes_ms: takes_ms, tariff_up: Cell::new(true) }
    }

    async fn receive(&self, message: &Message) -> Result<(), String> {
        let receiving = timeout(HOUR, receive(&self.db, self, message)).await;
        receiving.expect("receive did not return within an hour").map_err(|error| error.to_string())
    }

    /// What another connection sees.
    fn points(&self, customer: &str) -> i64 {
        let select = "SELECT points FROM accounts WHERE customer = ?1";
        opened(&self.file).query_row(select, [customer], |row| row.get(0)).unwrap()
    }
}

/// 31 ms unless told otherwise, and a point for each dollar.
impl Tariff for Consumer {
    async fn points(&self, cents: i64) -> Result<i64, Box<dyn Error>> {
        let takes_ms = self.tariff_takes_ms.borrow_mut().pop_front().unwrap_or(31);
        self.nothing_is_locked();
        sleep(Duration::from_millis(takes_ms)).await;
        self.nothing_is_locked();
        if self.tariff_up.get() { Ok(cents / 100) } else { Err("the tariff is down".into()) }
    }
}

impl Consumer {
    fn nothing_is_locked(&self) {
        assert!(
            self.db.try_lock().is_ok(),
            "the connection is locked while the tariff is asked: no other message can be handled"
        );
        let other = opened(&self.file).execute_batch("BEGIN IMMEDIATE");
        assert!(
            other.is_ok(),
            "a transaction is open while the tariff is asked: other connections get {other:?}"
        );
    }
}

fn paid(id: &str, customer: &str, cents: i64) -> Message {
    Message { id: id.to_owned(), customer: customer.to_owned(), cents }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_comes_again_is_credited_once() {
    let consumer = Consumer::new();
    for time in ["first", "second", "third"] {
        let received = consumer.receive(&paid("order-41-paid", "ann", 1_750)).await;
        assert!(received.is_ok(), "receive returned {received:?} when the message came for the {time} time");
        let points = consumer.points("ann");
        expect!(points, 17, "ann's points when the message has come for the {time} time");
    }
}

#[tokio::test(start_paused = true)]
async fn two_orders_are_credited_both_although_they_look_alike() {
    let consumer = Consumer::new();
    for id in ["order-7-paid", "order-12-paid", "order-7-paid"] {
        consumer.receive(&paid(id, "bob", 990)).await.unwrap();
    }
    expect!(consumer.points("bob"), 18, "bob's points for two orders of 9 points, one of which came twice");
    expect!(consumer.points("ann"), 0, "ann's points, who has paid nothing");
}

#[tokio::test(start_paused = true)]
async fn two_copies_at_the_same_time_are_credited_once() {
    for takes_ms in [[70, 20], [20, 70], [45, 45]] {
        let consumer = Consumer::new();
        consumer.tariff_takes_ms.borrow_mut().extend(takes_ms);
        let message = paid("order-41-paid", "ann", 1_750);
        let received = tokio::join!(consumer.receive(&message), consumer.receive(&message));
        expect!(received, (Ok(()), Ok(())), "what receive returned for two copies");
        expect!(consumer.points("ann"), 17, "ann's points: two copies, whose tariff took {takes_ms:?} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn another_consumer_with_its_own_database_handles_the_message_too() {
    let message = paid("order-57-paid", "ann", 1_240);
    for consumer in [Consumer::new(), Consumer::new()] {
        consumer.receive(&message).await.unwrap();
        let points = consumer.points("ann");
        expect!(
            points,
            12,
            "ann's points in a database that has not seen the message: what is remembered belongs in it"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_restart_a_repeat_is_still_known() {
    let mut consumer = Consumer::new();
    let message = paid("order-41-paid", "ann", 1_750);
    consumer.receive(&message).await.unwrap();
    consumer.db = Mutex::new(opened(&consumer.file)); // what was in memory is gone
    consumer.receive(&message).await.unwrap();
    expect!(consumer.points("ann"), 17, "ann's points: the message came before and after a restart");
}

#[tokio::test(start_paused = true)]
async fn a_message_that_could_not_be_handled_is_credited_when_it_comes_again() {
    let consumer = Consumer::new();
    let (tariff_down, no_account) = (paid("order-8-paid", "ann", 650), paid("order-9-paid", "eve", 320));

    consumer.tariff_up.set(false);
    let received = consumer.receive(&tariff_down).await;
    assert!(received.is_err(), "the tariff was down, and receive returned {received:?}");
    consumer.tariff_up.set(true);
    consumer.receive(&tariff_down).await.unwrap();
    expect!(consumer.points("ann"), 6, "ann's points: the tariff was down, and the message came again");

    let received = consumer.receive(&no_account).await;
    assert!(received.is_err(), "eve has no account, and receive returned {received:?}");
    opened(&consumer.file).execute_batch("INSERT INTO accounts VALUES ('eve', 0)").unwrap();
    consumer.receive(&no_account).await.unwrap();
    expect!(consumer.points("eve"), 3, "eve's points: she has an account now, and the message came again");
}

#[tokio::test(start_paused = true)]
async fn at_whatever_commit_the_process_ends_the_message_is_credited_once() {
    for last in 0..4 {
        let mut consumer = Consumer::new();
        let message = paid("order-41-paid", "ann", 1_750);
        // The first commits succeed; those after them become rollbacks, as if the process had ended there.
        let commits = Arc::new(AtomicU32::new(0));
        let hook = move || commits.fetch_add(1, Ordering::Relaxed) >= last;
        consumer.db.get_mut().unwrap().commit_hook(Some(hook)).unwrap();
        let received = consumer.receive(&message).await;
        let points = consumer.points("ann");
        let number = last + 1;
        assert!(
            received.is_err() || points == 17,
            "commit {number} failed, receive returned Ok, and ann has {points} points"
        );
        consumer.db = Mutex::new(opened(&consumer.file));
        consumer.receive(&message).await.unwrap();
        let points = consumer.points("ann");
        expect!(
            points,
            17,
            "ann's points: the process ended before commit {number}, and the message came again"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn whenever_the_future_is_dropped_the_message_is_credited_once() {
    for after_ms in [0, 1, 30, 32] {
        let consumer = Consumer::new();
        let message = paid("order-41-paid", "ann", 1_750);
        timeout(Duration::from_millis(after_ms), receive(&consumer.db, &consumer, &message)).await.ok();
        consumer.receive(&message).await.unwrap();
        let points = consumer.points("ann");
        expect!(points, 17, "ann's points: dropped after {after_ms} ms, and the message came again");
    }
}
