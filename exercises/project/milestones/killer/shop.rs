//! The application of milestone 5: takes orders, and commits each with its event in one transaction. It remembers what it committed.

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};
use tempfile::TempDir;
use tokio::time::sleep;

use super::super::sut::contract::SCHEMA;
use super::Arrival;

pub struct Shop {
    folder: TempDir,
    connection: Mutex<Connection>,
    next_id: Mutex<u64>,
    committed: Mutex<BTreeMap<u64, Arrival>>,
}

impl Shop {
    /// With an empty database.
    pub fn open() -> Shop {
        let folder = TempDir::new().expect("a temporary folder");
        let connection = Connection::open(folder.path().join("shop.db")).expect("a new database");
        connection.pragma_update(None, "journal_mode", "wal").expect("readers and a writer at once");
        connection.pragma_update(None, "synchronous", "normal").expect("a kill is no power failure");
        connection.execute_batch(SCHEMA).expect("the schema is valid");
        Shop {
            folder,
            connection: Mutex::new(connection),
            next_id: Mutex::new(1),
            committed: Mutex::default(),
        }
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join("shop.db")
    }

    /// An id, which a transaction may use later.
    pub fn id(&self) -> u64 {
        let mut next = self.next_id.lock().unwrap();
        *next += 1;
        *next - 1
    }

    /// Commits an order and its event.
    pub fn commit(&self, id: u64, key: &str) {
        let event =
            Arrival { id, key: key.to_owned(), payload: format!("{{\"order\":{id},\"cents\":{}}}", id * 37) };
        // First, so that nobody sees an event that this does not know.
        self.committed.lock().unwrap().insert(id, event.clone());
        self.transact(&event, Transaction::Commits);
    }

    /// Rolls back an order and its event.
    pub fn roll_back(&self, id: u64, key: &str) {
        let event = Arrival { id, key: key.to_owned(), payload: "rolled back".to_owned() };
        self.transact(&event, Transaction::RollsBack);
    }

    fn transact(&self, event: &Arrival, end: Transaction) {
        let mut connection = self.connection.lock().unwrap();
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
        let id = event.id.cast_signed();
        transaction.execute("INSERT INTO orders (id, cents) VALUES (?, ?)", [id, id * 37]).unwrap();
        let row = (id, &event.key, &event.payload);
        transaction.execute("INSERT INTO outbox (id, key, payload) VALUES (?, ?, ?)", row).unwrap();
        match end {
            Transaction::Commits => transaction.commit().unwrap(),
            Transaction::RollsBack => transaction.rollback().unwrap(),
        }
    }

    pub fn committed(&self) -> BTreeMap<u64, Arrival> {
        self.committed.lock().unwrap().clone()
    }

    /// The rows that are marked as sent.
    pub fn marked(&self) -> HashSet<u64> {
        let connection = self.connection.lock().unwrap();
        let mut query = connection.prepare("SELECT id FROM outbox WHERE state = 'sent'").unwrap();
        let ids = query.query_map([], |row| row.get::<_, i64>(0)).unwrap();
        ids.map(|id| id.unwrap().unsigned_abs()).collect()
    }

    /// Takes orders at random: most are committed, some are rolled back, and of some pairs the second one commits first.
    pub async fn trade(&self, orders: usize, random: &mut fastrand::Rng) {
        let key = |random: &mut fastrand::Rng| format!("customer-{}", random.u8(1..=9));
        for _ in 0..orders {
            let (id, of) = (self.id(), key(random));
            match random.u8(0..10) {
                0 | 1 => self.roll_back(id, &of),
                2 | 3 => {
                    let (later, other) = (self.id(), format!("visitor-{id}"));
                    self.commit(later, &other);
                    sleep(Duration::from_millis(random.u64(1..9))).await;
                    self.commit(id, &of);
                }
                _ => self.commit(id, &of),
            }
            sleep(Duration::from_millis(random.u64(0..7))).await;
        }
    }
}

#[derive(Clone, Copy)]
enum Transaction {
    Commits,
    RollsBack,
}
