//! Exercise 29.3: a consumer that credits points once, however often the message comes.

use std::error::Error;
use std::sync::Mutex;

use rusqlite::Connection;

/// The tables of the consumer. Do not change them.
pub const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS accounts (customer TEXT PRIMARY KEY, points INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS inbox (id TEXT PRIMARY KEY) STRICT;";

/// Handles a message. The broker delivers it again and again until this returns `Ok`, and sometimes after that.
pub async fn receive(
    db: &Mutex<Connection>,
    tariff: &impl Tariff,
    message: &Message,
) -> Result<(), Box<dyn Error>> {
    //~ begin
    // Asked before the transaction begins: nothing is locked, and nothing is remembered, while this waits.
    let points = tariff.points(message.cents).await?;
    let mut db = db.lock().expect("no query panics");
    let tx = db.transaction()?;
    let inserted = tx.execute("INSERT INTO inbox (id) VALUES (?1) ON CONFLICT DO NOTHING", [&message.id])?;
    if inserted == 1 {
        credit(&tx, &message.customer, points)?;
    }
    tx.commit()?;
    Ok(())
    //~ starter
    //~| // TODO: a message that comes twice is credited twice.
    //~| let points = tariff.points(message.cents).await?;
    //~| let db = db.lock().expect("no query panics");
    //~| credit(&db, &message.customer, points)
    //~ end
}

/// Adds the points. There must be such a customer. Do not change it.
pub fn credit(db: &Connection, customer: &str, points: i64) -> Result<(), Box<dyn Error>> {
    let changed =
        db.execute("UPDATE accounts SET points = points + ?1 WHERE customer = ?2", (points, customer))?;
    if changed == 0 { Err(format!("there is no account of {customer}").into()) } else { Ok(()) }
}

/// An order was paid.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: String,
    pub customer: String,
    pub cents: i64,
}

/// Another service, which knows how many points an amount is worth. Do not change it.
pub trait Tariff {
    /// Takes its time, and may fail.
    fn points(&self, cents: i64) -> impl Future<Output = Result<i64, Box<dyn Error>>>;
}
