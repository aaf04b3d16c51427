//! What the program `project` does: `project relay --db FILE` publishes the outbox of a database to a broker on stdin and stdout.

//~ begin
use std::collections::{HashMap, HashSet};
use std::fmt::Display;
use std::io::{self, BufRead};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rusqlite::{Connection, Row, params_from_iter, types::Value};
use tokio::io::{AsyncWriteExt, Stdout};
use tokio::sync::oneshot;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;

use super::contract::{Broker, Event, Outbox, PublishError, Settings, WhenEmpty};
use super::relay;
//~ starter
//~| use std::process::ExitCode;
//~ end

/// Called by `main.rs`.
pub fn main() -> ExitCode {
    //~ begin
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
    //~ starter
    //~| eprintln!("Milestone 5 begins in src/program.rs.");
    //~| ExitCode::FAILURE
    //~ end
}
//~ begin

/// What may be published twice after a kill.
const IN_FLIGHT_MAX: usize = 8;

#[tokio::main]
async fn run() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [relay, db, file] = &arguments[..] else { bail!("usage: project relay --db FILE") };
    if (relay.as_str(), db.as_str()) != ("relay", "--db") {
        bail!("usage: project relay --db FILE");
    }
    let outbox = Database { connection: Arc::new(Mutex::new(Connection::open(file).context(file.clone())?)) };
    let stdout = tokio::sync::Mutex::new(tokio::io::stdout());
    let broker = Arc::new(Pipe { waiting: Mutex::default(), stdout });
    let stop = CancellationToken::new();
    listen(Arc::clone(&broker), stop.clone());
    let settings = Settings {
        when_empty: WhenEmpty::PollEvery(Duration::from_millis(20)),
        deadline: Duration::ZERO, // stdin is closed, so no confirmation can come any more
        in_flight_max: IN_FLIGHT_MAX,
        attempts_max: 10,
        backoff: Duration::from_millis(100),
    };
    relay::run(Arc::new(outbox), broker, settings, stop).await;
    Ok(())
}

/// The outbox. An error of the database ends the process; the next start continues from what is marked.
struct Database {
    /// A std mutex, held by threads that may block, and for one statement.
    connection: Arc<Mutex<Connection>>,
}

impl Database {
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> T {
        let connection = Arc::clone(&self.connection);
        let done = spawn_blocking(move || work(&locked(&connection))).await;
        done.expect("a statement does not panic").expect("the database can be read and written")
    }
}

impl Outbox for Database {
    async fn unsent(&self, limit: usize, except: &HashSet<String>) -> Vec<Event> {
        let places = vec!["?"; except.len()].join(", ");
        let query = format!(
            "SELECT id, key, payload FROM outbox WHERE state = 'unsent' AND key NOT IN ({places}) ORDER BY id LIMIT {limit}"
        );
        let except: Vec<Value> = except.iter().cloned().map(Value::Text).collect();
        let event = |row: &Row<'_>| {
            Ok(Event { id: row.get::<_, i64>(0)?.unsigned_abs(), key: row.get(1)?, payload: row.get(2)? })
        };
        self.with(move |db| db.prepare_cached(&query)?.query_map(params_from_iter(except), event)?.collect())
            .await
    }

    async fn mark_sent(&self, id: u64) {
        self.with(move |db| db.execute("UPDATE outbox SET state = 'sent' WHERE id = ?", [id.cast_signed()]))
            .await;
    }

    async fn mark_failed(&self, id: u64, reason: &str) {
        let values = [Value::Text(reason.to_owned()), Value::Integer(id.cast_signed())];
        self.with(move |db| {
            db.execute("UPDATE outbox SET state = 'failed', reason = ? WHERE id = ?", values)
        })
        .await;
    }
}

/// The broker: it reads events from stdout and confirms them on stdin.
struct Pipe {
    /// Who waits for which confirmation. A std mutex, held for one insert or remove.
    waiting: Mutex<HashMap<u64, oneshot::Sender<()>>>,
    /// One line at a time.
    stdout: tokio::sync::Mutex<Stdout>,
}

impl Broker for Pipe {
    async fn publish(&self, event: &Event) -> Result<(), PublishError> {
        let (confirmed, confirmation) = oneshot::channel();
        locked(&self.waiting).insert(event.id, confirmed);
        let line = format!("{} {} {}\n", event.id, event.key, event.payload);
        let mut stdout = self.stdout.lock().await;
        stdout.write_all(line.as_bytes()).await.map_err(gone)?;
        stdout.flush().await.map_err(gone)?;
        drop(stdout);
        confirmation.await.map_err(gone)
    }
}

fn gone(error: impl Display) -> PublishError {
    PublishError::Transient(format!("the broker is gone: {error}"))
}

/// Reads confirmations until stdin is closed, which is the stop. A thread of its own: the process may end while it reads.
fn listen(broker: Arc<Pipe>, stop: CancellationToken) {
    thread::spawn(move || {
        for line in io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            let id = line.trim().parse().ok();
            if let Some(confirmed) = id.and_then(|id| locked(&broker.waiting).remove(&id)) {
                let _ = confirmed.send(()); // it may have been given up
            }
        }
        stop.cancel();
    });
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panics while it is locked")
}
//~ starter
//~ end
