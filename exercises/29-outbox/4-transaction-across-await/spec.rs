//! The tests of exercise 29.4. Your file and the solution are tested by this one copy.
//!
//! They play the carrier: it answers when a test lets it, and meanwhile the test looks at the database. So no test waits for a
//! time, and the clock is the real one.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use rusqlite::hooks::{AuthAction, AuthContext, Authorization, TransactionOperation};
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{sleep, timeout};

use super::sut::{Carrier, Failure, TABLES, ship};

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

/// A hang ends after this.
const LIMIT: Duration = Duration::from_secs(5);

fn opened(file: &Path) -> Connection {
    let mut db = Connection::open(file).unwrap();
    db.busy_timeout(Duration::from_millis(250)).unwrap();
    db.set_transaction_behavior(TransactionBehavior::Immediate); // `db.transaction()` waits for its turn to write
    db.execute_batch("PRAGMA synchronous = OFF").unwrap(); // the tests end no operating system
    db
}

/// The database of the shop: order 41 weighs 730 g, order 7 weighs 2,150 g.
struct Shop {
    _folder: tempfile::TempDir,
    file: PathBuf,
}

impl Shop {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("shop.db");
        let shop = Self { _folder: folder, file };
        shop.execute(TABLES);
        shop.execute("INSERT INTO orders (id, grams) VALUES (41, 730), (7, 2150)");
        shop
    }

    /// What another connection does.
    fn execute(&self, statements: &str) {
        opened(&self.file).execute_batch(statements).unwrap();
    }

    fn ship(&self, order: i64) -> Shipping {
        self.ship_on(opened(&self.file), order)
    }

    fn ship_on(&self, db: Connection, order: i64) -> Shipping {
        let (asks, questions) = mpsc::unbounded_channel();
        Shipping { order, task: ship(db, TestCarrier(asks), order), questions, file: self.file.clone() }
    }

    /// The events that another connection sees.
    fn events(&self) -> Vec<String> {
        column(&self.file, "SELECT id || ': ' || body FROM outbox ORDER BY seq")
    }

    /// Each order that is shipped has an event, and each event such an order, as another connection sees it.
    #[track_caller]
    fn both_or_neither(&self, when: &str) {
        let halves = "
            SELECT 'order ' || id || ' is shipped and has no event' FROM orders
            WHERE shipped = 1 AND 'order-' || id || '-shipped' NOT IN (SELECT id FROM outbox)
            UNION ALL
            SELECT 'there is an event ' || id || ' but no such order is shipped' FROM outbox
            WHERE id NOT IN (SELECT 'order-' || id || '-shipped' FROM orders WHERE shipped = 1)";
        let halves = column(&self.file, halves);
        assert!(halves.is_empty(), "{when}, {}: both or neither must be committed", halves.join(", and "));
    }
}

fn column(file: &Path, query: &str) -> Vec<String> {
    let db = opened(file);
    let mut select = db.prepare(query).unwrap();
    let rows = select.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

/// What `ship` has spawned, and what it asks the carrier.
struct Shipping {
    order: i64,
    task: JoinHandle<Result<(), Failure>>,
    questions: mpsc::UnboundedReceiver<Question>,
    file: PathBuf,
}

struct Question {
    grams: i64,
    answer: oneshot::Sender<Result<i64, Failure>>,
}

/// Passes the questions on to the test, which answers them.
struct TestCarrier(mpsc::UnboundedSender<Question>);

impl Carrier for TestCarrier {
    async fn postage(&self, grams: i64) -> Result<i64, Failure> {
        let (answer, answered) = oneshot::channel();
        self.0.send(Question { grams, answer }).map_err(|_| "the test is over")?;
        answered.await?
    }
}

impl Shipping {
    /// Waits until the carrier is asked about this weight. Then nothing may be locked, and nothing written.
    async fn asks(&mut self, grams: i64, when: &str) -> Question {
        let question = tokio::select! {
            biased;
            Some(question) = self.questions.recv() => question,
            ended = &mut self.task => {
                let returned = returned(ended);
                panic!("{when}: the carrier was expected to be asked about {grams} g, but ship returned {returned:?}")
            }
            () = sleep(LIMIT) => panic!("{when}: the carrier is never asked about {grams} g"),
        };
        expect!(question.grams, grams, "{when}: the weight that the carrier is asked about");
        let other = opened(&self.file).execute_batch("BEGIN EXCLUSIVE").map_err(|error| error.to_string());
        assert!(
            other.is_ok(),
            "a transaction is open while the carrier is asked: another connection cannot write, and gets {other:?}"
        );
        let order = self.order;
        let written = format!(
            "SELECT 'the order is marked as shipped' FROM orders WHERE id = {order} AND shipped = 1
             UNION ALL
             SELECT 'the event is written' FROM outbox WHERE id = 'order-{order}-shipped'"
        );
        let written = column(&self.file, &written);
        assert!(
            written.is_empty(),
            "while the carrier is asked about order {order}, {}: if the process ends now, that stays",
            written.join(" and ")
        );
        question
    }

    /// Gives this answer to each question, until the task has ended.
    async fn answered(mut self, cents: i64) -> Result<(), String> {
        let answering = async {
            loop {
                tokio::select! {
                    biased;
                    ended = &mut self.task => break returned(ended),
                    Some(question) = self.questions.recv() => question.answer(cents),
                }
            }
        };
        timeout(LIMIT, answering).await.expect("ship does not return")
    }

    /// Waits until the task has ended.
    async fn ended(mut self) -> Result<(), String> {
        let ended = tokio::select! {
            biased;
            ended = &mut self.task => ended,
            Some(Question { grams, .. }) = self.questions.recv() => {
                panic!("ship was expected to return, but it asks the carrier again, about {grams} g")
            }
            () = sleep(LIMIT) => panic!("ship does not return"),
        };
        returned(ended)
    }
}

fn returned(ended: Result<Result<(), Failure>, JoinError>) -> Result<(), String> {
    ended.expect("the task does not panic").map_err(|error| error.to_string())
}

impl Question {
    fn answer(self, cents: i64) {
        self.answer.send(Ok(cents)).expect("ship waits for the answer");
    }
}

#[tokio::test]
async fn an_order_and_its_event_are_committed() {
    let shop = Shop::new();
    let mut shipping = shop.ship(41);
    shipping.asks(730, "order 41 weighs 730 g").await.answer(490);
    expect!(shipping.ended().await, Ok(()), "what ship returned for an order that can be shipped");
    shop.both_or_neither("after ship has returned Ok");
    expect!(shop.events(), ["order-41-shipped: 730 g for 490 cents"], "the outbox");
    let again = shop.ship(41).ended().await;
    assert!(again.is_err(), "order 41 was shipped before, and ship returned {again:?}");
}

#[tokio::test]
async fn one_order_is_shipped_while_the_carrier_is_asked_about_another() {
    let shop = Shop::new();
    let (mut first, mut second) = (shop.ship(41), shop.ship(7));
    let about_41 = first.asks(730, "order 41 weighs 730 g").await;
    second.asks(2_150, "order 7 weighs 2150 g").await.answer(1_180);
    expect!(second.ended().await, Ok(()), "what ship returned for order 7, while order 41 had no answer");
    about_41.answer(490);
    expect!(first.ended().await, Ok(()), "what ship returned for order 41");
    let both = ["order-7-shipped: 2150 g for 1180 cents", "order-41-shipped: 730 g for 490 cents"];
    expect!(shop.events(), both, "the outbox");
}

#[tokio::test]
async fn a_change_while_the_carrier_is_asked_makes_it_ask_again() {
    let shop = Shop::new();
    let mut shipping = shop.ship(41);
    let (mut grams, mut when) = (730, String::from("order 41 weighs 730 g"));
    for (changed, cents) in [(1_210, 490), (880, 640), (3_070, 530)] {
        let question = shipping.asks(grams, &when).await;
        shop.execute(&format!("UPDATE orders SET grams = {changed} WHERE id = 41"));
        question.answer(cents);
        when = format!(
            "another connection changed order 41 to {changed} g while the carrier was asked about {grams} g"
        );
        grams = changed;
    }
    shipping.asks(grams, &when).await.answer(1_420);
    expect!(shipping.ended().await, Ok(()), "what ship returned after the weight had changed three times");
    expect!(shop.events(), ["order-41-shipped: 3070 g for 1420 cents"], "the outbox");
}

#[tokio::test]
async fn a_change_just_before_the_transaction_makes_it_ask_again() {
    let shop = Shop::new();
    let (mut db, other) = (opened(&shop.file), opened(&shop.file));
    let armed = Arc::new(AtomicBool::new(false));
    let change = Arc::clone(&armed);
    // SQLite calls this for each statement, before it is executed. BEGIN has not locked anything yet.
    let before_each_statement = move |context: AuthContext<'_>| {
        let begin = TransactionOperation::Begin;
        let begins = match context.action {
            AuthAction::Transaction { operation } | AuthAction::Savepoint { operation, .. } => {
                operation == begin
            }
            _ => false,
        };
        if begins && change.swap(false, Ordering::Relaxed) {
            other.execute_batch("UPDATE orders SET grams = 1210 WHERE id = 41").unwrap();
        }
        Authorization::Allow
    };
    db.authorizer(Some(before_each_statement)).unwrap();
    let mut shipping = shop.ship_on(db, 41);
    let question = shipping.asks(730, "order 41 weighs 730 g").await;
    armed.store(true, Ordering::Relaxed);
    question.answer(490);
    let when = "another connection changed order 41 to 1210 g just before the transaction began";
    shipping.asks(1_210, when).await.answer(640);
    expect!(shipping.ended().await, Ok(()), "what ship returned after the weight had changed");
    expect!(shop.events(), ["order-41-shipped: 1210 g for 640 cents"], "the outbox");
}

#[tokio::test]
async fn an_order_that_is_cancelled_meanwhile_is_not_shipped() {
    let shop = Shop::new();
    let mut shipping = shop.ship(41);
    let question = shipping.asks(730, "order 41 weighs 730 g").await;
    shop.execute("DELETE FROM orders WHERE id = 41");
    question.answer(490);
    let ended = shipping.ended().await;
    shop.both_or_neither("order 41 was cancelled while the carrier was asked");
    assert!(
        ended.is_err(),
        "order 41 was cancelled while the carrier was asked, and ship returned {ended:?}"
    );
}

#[tokio::test]
async fn two_tasks_ship_an_order_once() {
    let shop = Shop::new();
    let (mut first, mut second) = (shop.ship(41), shop.ship(41));
    let question = first.asks(730, "order 41 weighs 730 g").await;
    second.asks(730, "order 41 weighs 730 g, and is not shipped yet").await.answer(470);
    expect!(second.ended().await, Ok(()), "what ship returned to the task that was answered first");
    question.answer(490);
    let ended = first.ended().await;
    assert!(ended.is_err(), "another task shipped order 41 meanwhile, and ship returned {ended:?}");
    expect!(shop.events(), ["order-41-shipped: 730 g for 470 cents"], "the outbox");
}

#[tokio::test]
async fn at_whatever_commit_the_process_ends_there_are_both_or_neither() {
    for last in 0..4 {
        let shop = Shop::new();
        let mut db = opened(&shop.file);
        // The first commits succeed; those after them become rollbacks, as if the process had ended there.
        let commits = AtomicU32::new(0);
        db.commit_hook(Some(move || commits.fetch_add(1, Ordering::Relaxed) >= last)).unwrap();
        let ended = shop.ship_on(db, 41).answered(490).await;
        shop.both_or_neither(&format!("the process ended before commit {}", last + 1));
        let there = !shop.events().is_empty();
        assert!(
            there == ended.is_ok(),
            "commit {} failed, ship returned {ended:?}, and the event {} there",
            last + 1,
            if there { "is" } else { "is not" }
        );
    }
}

#[tokio::test]
async fn what_has_failed_leaves_nothing_and_can_be_repeated() {
    let shop = Shop::new();
    let mut shipping = shop.ship(41);
    let question = shipping.asks(730, "order 41 weighs 730 g").await;
    question.answer.send(Err("the carrier is closed".into())).expect("ship waits for the answer");
    let ended = shipping.ended().await;
    assert!(ended.is_err(), "the carrier returned an error, and ship returned {ended:?}");
    shop.both_or_neither("after the carrier has returned an error");

    let full =
        "CREATE TRIGGER full BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'the outbox is full'); END";
    shop.execute(full);
    let mut shipping = shop.ship(41);
    shipping.asks(730, "the carrier returned an error, and ship is called again").await.answer(490);
    let ended = shipping.ended().await;
    assert!(ended.is_err(), "the event could not be written, and ship returned {ended:?}");
    shop.both_or_neither("after the event could not be written");

    shop.execute("DROP TRIGGER full");
    let mut shipping = shop.ship(41);
    shipping.asks(730, "the event could not be written, and ship is called again").await.answer(490);
    expect!(shipping.ended().await, Ok(()), "what ship returned once the outbox had room again");
    expect!(shop.events(), ["order-41-shipped: 730 g for 490 cents"], "the outbox");
}
