//! The tests of exercise 29.2. Your file and the solution are tested by this one copy.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rusqlite::Connection;
use shared::{HOUR, Journal, assert_journal};
use tokio::runtime::Builder;
use tokio::task::{JoinError, LocalSet};
use tokio::time::{sleep, timeout};

use super::sut::{Broker, TABLE, Unconfirmed, step};

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

/// What becomes of a message. Only the broker knows.
#[derive(Clone, Copy)]
enum Fate {
    /// Stored after the first time, confirmed after the second.
    Confirmed(u64, u64),
    /// Stored after the first time; after the second the connection is lost.
    Lost(u64, u64),
    /// Refused after that time.
    Refused(u64),
    Panics(u64),
}

struct TestBroker {
    file: PathBuf,
    fates: Vec<(i64, Fate)>,
    started: Mutex<Vec<i64>>,
    stored: Mutex<Vec<i64>>,
}

impl Broker for TestBroker {
    async fn publish(&self, body: String) -> Result<(), Unconfirmed> {
        let seq: i64 = body.strip_prefix("order ").expect("a body of the outbox").parse().unwrap();
        assert!(!sent(&self.file).contains(&seq), "row {seq} is marked before it is published");
        let attempts = {
            let mut started = self.started.lock().unwrap();
            started.push(seq);
            started.iter().filter(|row| **row == seq).count()
        };
        assert!(attempts < 5, "row {seq} is published again and again");
        let fate = self.fates.iter().find(|(known, _)| *known == seq).map(|(_, fate)| *fate);
        match fate.expect("each row has a fate") {
            Fate::Confirmed(stored_ms, confirmed_ms) => self.store(seq, stored_ms, confirmed_ms).await,
            Fate::Lost(stored_ms, lost_ms) => {
                self.store(seq, stored_ms, lost_ms).await?;
                Err(Unconfirmed)
            }
            Fate::Refused(ms) => {
                sleep(Duration::from_millis(ms)).await;
                Err(Unconfirmed)
            }
            Fate::Panics(ms) => {
                sleep(Duration::from_millis(ms)).await;
                panic!("this panic is part of the test: publishing row {seq} hits a bug");
            }
        }
    }
}

impl TestBroker {
    async fn store(&self, seq: i64, stored_ms: u64, confirmed_ms: u64) -> Result<(), Unconfirmed> {
        sleep(Duration::from_millis(stored_ms)).await;
        self.stored.lock().unwrap().push(seq);
        sleep(Duration::from_millis(confirmed_ms - stored_ms)).await;
        assert!(!sent(&self.file).contains(&seq), "row {seq} is marked before the broker has confirmed it");
        Ok(())
    }
}

fn opened(file: &Path) -> Connection {
    let db = Connection::open(file).unwrap();
    db.busy_timeout(Duration::ZERO).unwrap();
    db.execute_batch("PRAGMA synchronous = OFF").unwrap(); // the tests end no operating system
    db
}

fn insert(file: &Path, seq: i64) -> rusqlite::Result<usize> {
    opened(file).execute("INSERT INTO outbox (seq, body) VALUES (?1, ?2)", (seq, format!("order {seq}")))
}

/// The rows that are marked: what another connection sees.
fn sent(file: &Path) -> Vec<i64> {
    let db = opened(file);
    let mut select = db.prepare("SELECT seq FROM outbox WHERE sent = 1 ORDER BY seq").unwrap();
    let rows = select.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<rusqlite::Result<_>>().expect("another connection can read")
}

/// An outbox in a file, and its broker.
fn set_up(fates: &[(i64, Fate)]) -> (tempfile::TempDir, PathBuf, Arc<TestBroker>) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.db");
    opened(&file).execute_batch(TABLE).unwrap();
    for (seq, _) in fates {
        insert(&file, *seq).unwrap();
    }
    let broker = TestBroker {
        file: file.clone(),
        fates: fates.to_vec(),
        started: Mutex::default(),
        stored: Mutex::default(),
    };
    (folder, file, Arc::new(broker))
}

#[tokio::test(start_paused = true)]
async fn each_row_is_marked_when_it_is_confirmed_and_not_before() {
    let (_folder, file, broker) = set_up(&[
        (3, Fate::Confirmed(90, 230)),
        (5, Fate::Confirmed(10, 70)),
        (8, Fate::Confirmed(100, 110)),
    ]);
    let (mut db, journal) = (opened(&file), Journal::new());
    let watching = async {
        for (at_ms, after_ms) in [(9, 9), (60, 51), (75, 15), (115, 40), (229, 114)] {
            sleep(Duration::from_millis(after_ms)).await;
            journal.log("outbox", format_args!("after {at_ms} ms rows {:?} are marked", sent(&file)));
        }
    };
    let stepping = async {
        match timeout(HOUR, step(&mut db, Arc::clone(&broker))).await {
            Ok(Ok(confirmed)) => journal.log("relay", format_args!("step returned {confirmed}")),
            Ok(Err(error)) => journal.log("relay", format_args!("step failed: {error}")),
            Err(_) => journal.log("relay", "gave up after an hour: step did not return"),
        }
    };
    tokio::join!(watching, stepping);
    assert_journal!(
        journal,
        [
            (9, "outbox", "after 9 ms rows [] are marked"),
            (60, "outbox", "after 60 ms rows [] are marked"),
            (75, "outbox", "after 75 ms rows [5] are marked"),
            (115, "outbox", "after 115 ms rows [5, 8] are marked"),
            (229, "outbox", "after 229 ms rows [5, 8] are marked"),
            (230, "relay", "step returned 3"),
        ]
    );
    expect!(sent(&file), [3, 5, 8], "the rows that are marked when step has returned");
}

#[tokio::test(start_paused = true)]
async fn a_row_that_is_not_confirmed_stays_unsent_and_the_others_are_marked() {
    let (_folder, file, broker) = set_up(&[
        (2, Fate::Lost(40, 60)),
        (4, Fate::Confirmed(20, 190)),
        (6, Fate::Panics(30)),
        (7, Fate::Refused(110)),
    ]);
    let (mut db, for_step) = (opened(&file), Arc::clone(&broker));
    let stepping = spawn_local_and_wait(async move { timeout(HOUR, step(&mut db, for_step)).await }).await;
    let stepping =
        stepping.expect("step panicked because the publish of row 6 did: a panic must stay in its task");
    let confirmed = stepping.expect("step did not return within an hour");
    expect!(
        sent(&file),
        [4],
        "the rows that are marked when row 2 was stored and lost, 4 confirmed, 6 hit a bug, and 7 was refused"
    );
    let mut started = broker.started.lock().unwrap().clone();
    started.sort_unstable();
    expect!(started, [2, 4, 6, 7], "what one step has published: each row once");
    expect!(confirmed, Ok(1), "what step returned when one of four rows was confirmed");
}

/// Runs a future that need not be `Send`, and returns its panic as an error.
async fn spawn_local_and_wait<T: 'static>(future: impl Future<Output = T> + 'static) -> Result<T, JoinError> {
    LocalSet::new().run_until(async { tokio::task::spawn_local(future).await }).await
}

#[tokio::test(start_paused = true)]
async fn others_can_write_while_the_relay_waits_for_the_broker() {
    let (_folder, file, broker) = set_up(&[(12, Fate::Confirmed(50, 130)), (15, Fate::Confirmed(10, 40))]);
    let mut db = opened(&file);
    let writing = async {
        for (seq, after_ms) in [(20, 25), (21, 60)] {
            sleep(Duration::from_millis(after_ms)).await;
            let inserted = insert(&file, seq);
            assert!(inserted.is_ok(), "the shop cannot commit while the relay waits: {inserted:?}");
        }
    };
    let (stepped, ()) = tokio::join!(step(&mut db, Arc::clone(&broker)), writing);
    expect!(stepped, Ok(2), "what step returned");
    expect!(sent(&file), [12, 15], "the rows that are marked; 20 and 21 were committed meanwhile");
}

#[tokio::test(start_paused = true)]
async fn a_row_that_is_committed_late_is_published_too() {
    let (_folder, file, broker) =
        set_up(&[(9, Fate::Confirmed(50, 130)), (11, Fate::Confirmed(5, 35)), (13, Fate::Confirmed(10, 40))]);
    opened(&file).execute("DELETE FROM outbox WHERE seq = 11", []).unwrap(); // it is committed later
    let mut db = opened(&file);
    let committing = async {
        sleep(Duration::from_millis(85)).await;
        insert(&file, 11).expect("the shop can commit while the relay waits");
    };
    let (stepped, ()) = tokio::join!(step(&mut db, Arc::clone(&broker)), committing);
    expect!(stepped, Ok(2), "what the first step returned");
    expect!(sent(&file), [9, 13], "row 11 was committed after 85 ms, and the first step does not publish it");
    expect!(step(&mut db, Arc::clone(&broker)).await, Ok(1), "what the second step returned");
    expect!(*broker.stored.lock().unwrap(), [13, 9, 11], "what the broker has");
}

#[test]
fn whenever_the_process_is_killed_every_row_is_published() {
    let fates = [(1, Fate::Confirmed(90, 230)), (2, Fate::Confirmed(10, 70)), (4, Fate::Confirmed(100, 110))];
    for crash_after_ms in [0, 5, 35, 69, 71, 99, 105, 115, 200, 229] {
        let (_folder, file, broker) = set_up(&fates);
        for patience in [Duration::from_millis(crash_after_ms), HOUR] {
            let process = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
            process.block_on(async {
                let mut db = opened(&file);
                timeout(patience, step(&mut db, Arc::clone(&broker))).await.ok();
            });
            drop(process); // and every task in it
        }
        let mut stored = broker.stored.lock().unwrap().clone();
        let copies = stored.len();
        stored.sort_unstable();
        stored.dedup();
        expect!(stored, [1, 2, 4], "what the broker has, killed after {crash_after_ms} ms and started again");
        let unmarked = fates.iter().filter(|(_, fate)| {
            matches!(fate, Fate::Confirmed(stored, confirmed) if (*stored..*confirmed).contains(&crash_after_ms))
        });
        expect!(
            copies - 3,
            unmarked.count(),
            "how many were published twice, killed after {crash_after_ms} ms: only those not yet confirmed may be"
        );
    }
}
