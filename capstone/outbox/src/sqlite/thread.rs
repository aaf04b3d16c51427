//! The one thread that runs every statement, and its group commit.
//!
//! A future that is dropped cannot interrupt a thread: that is why no caller can leave a statement half
//! done or a transaction open. The price is one hop; the gain is that all callers that wait share a commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread::JoinHandle;

use rusqlite::{Connection, Savepoint, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};

use super::connection::store_error;
use crate::failpoint::{self, Point};
use crate::store::StoreError;

/// Commands that may wait. When it is full, callers wait for a place: back-pressure, never a growing queue.
const WAITING_MAX: usize = 1_024;
/// Writers that share one commit. More would make the first of them wait for the last.
const GROUP_MAX: usize = 256;

enum Command {
    Read(Box<dyn FnOnce(&mut Connection) + Send>),
    Write(Box<dyn Write>),
}

/// A piece of work inside a shared transaction, in two steps: its statements, and the answer after the commit.
trait Write: Send {
    /// Nobody waits for the answer any more.
    fn is_abandoned(&self) -> bool;
    /// Whether it must have a savepoint although nobody shares its transaction. That would undo the same, and SQLite keeps a copy of
    /// each page for it.
    fn wants_savepoint(&self) -> bool;
    /// Runs the statements. `false` undoes this piece and leaves the others alone.
    fn run(&mut self, within: &Within<'_>) -> bool;
    /// Tells the caller. `Err`: nothing of the shared transaction was committed.
    fn answer(self: Box<Self>, commit: Result<(), StoreError>);
}

/// Where a piece runs.
enum Within<'a> {
    Savepoint(&'a Savepoint<'a>),
    /// Of its own.
    Transaction(&'a Transaction<'a>),
}

/// The thread's handle. Dropping it lets what waits finish, then joins the thread.
pub(super) struct Thread {
    path: PathBuf,
    commands: Option<mpsc::Sender<Command>>,
    handle: Mutex<Option<JoinHandle<()>>>,
}

impl Thread {
    // ANCHOR: command-channel
    pub(super) fn spawn(path: &Path, mut connection: Connection) -> std::io::Result<Self> {
        let (commands, mut waiting) = mpsc::channel::<Command>(WAITING_MAX);
        let database = path.to_owned();
        let handle = std::thread::Builder::new().name("outbox-sqlite".into()).spawn(move || {
            // Ends when the last sender is dropped and everything queued has been done.
            let mut next = waiting.blocking_recv();
            while let Some(command) = next {
                next = match command {
                    Command::Read(read) => {
                        read(&mut connection);
                        waiting.blocking_recv()
                    }
                    Command::Write(first) => {
                        let (group, beyond) = gather(first, &mut waiting);
                        commit_together(&database, &mut connection, group);
                        beyond.or_else(|| waiting.blocking_recv())
                    }
                };
            }
        })?;
        Ok(Self { path: path.to_owned(), commands: Some(commands), handle: Mutex::new(Some(handle)) })
    }
    // ANCHOR_END: command-channel

    // ANCHOR: answer
    /// Runs a read on the thread. Dropping the future does not stop it.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Connection) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let read = Box::new(move |connection: &mut Connection| {
            // A caller that has gone does not want the answer.
            drop(answer.send(read(connection)));
        });
        self.send(Command::Read(read)).await?;
        answered.await.map_err(|_| self.closed())
    }
    // ANCHOR_END: answer

    /// Runs a write in a savepoint of a shared transaction, and returns after its commit.
    ///
    /// Dropped before the thread has begun with it, it is not run; dropped later, it is committed.
    pub(super) async fn write<T: Send + 'static, E: Send + 'static>(
        &self,
        write: impl FnOnce(&Savepoint<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<Outcome<T, E>, StoreError> {
        let (answer, answered) = oneshot::channel();
        let piece = Piece { write: Some(Callers(write)), outcome: None, answer };
        self.send(Command::Write(Box::new(piece))).await?;
        answered.await.map_err(|_| self.closed())?
    }

    /// The same for statements of the store's own, which need not know what they are in.
    pub(super) async fn write_own<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<Outcome<T, rusqlite::Error>, StoreError> {
        let (answer, answered) = oneshot::channel();
        let piece = Piece { write: Some(Own(write)), outcome: None, answer };
        self.send(Command::Write(Box::new(piece))).await?;
        answered.await.map_err(|_| self.closed())?
    }

    /// Runs a write that nobody waits for, if there is a place for it; `written` is called after its commit.
    pub(super) fn write_later(
        &self,
        write: impl FnOnce(&Connection) -> rusqlite::Result<()> + Send + 'static,
        written: impl FnOnce() + Send + 'static,
    ) {
        let unasked = Unasked { write: Some(write), written };
        if let Some(commands) = &self.commands {
            drop(commands.try_send(Command::Write(Box::new(unasked))));
        }
    }

    async fn send(&self, command: Command) -> Result<(), StoreError> {
        let commands = self.commands.as_ref().ok_or_else(|| self.closed())?;
        commands.send(command).await.map_err(|_| self.closed())
    }

    fn closed(&self) -> StoreError {
        StoreError::Closed { store: self.path.display().to_string() }
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.commands = None;
        let handle = self.handle.get_mut().map(Option::take);
        if let Ok(Some(handle)) = handle {
            // The thread catches its callers' panics, so it can only end by returning.
            drop(handle.join());
        }
    }
}

/// What became of a caller's piece once its group is committed.
pub(super) enum Outcome<T, E> {
    Committed(T),
    /// The caller's closure returned an error: its piece was undone.
    Undone(E),
    /// The caller's closure panicked: its piece was undone.
    Panicked(String),
}

/// What a piece runs.
trait Body<T, E> {
    const WANTS_SAVEPOINT: bool;
    fn run(self, within: &Within<'_>) -> Result<T, E>;
}

/// A caller's closure.
struct Callers<W>(W);
/// The store's own.
struct Own<W>(W);

impl<W: FnOnce(&Savepoint<'_>) -> Result<T, E>, T, E> Body<T, E> for Callers<W> {
    const WANTS_SAVEPOINT: bool = true;

    fn run(self, within: &Within<'_>) -> Result<T, E> {
        let Within::Savepoint(savepoint) = within else { unreachable!("it has said that it wants one") };
        (self.0)(savepoint)
    }
}

impl<W: FnOnce(&Connection) -> Result<T, E>, T, E> Body<T, E> for Own<W> {
    const WANTS_SAVEPOINT: bool = false;

    fn run(self, within: &Within<'_>) -> Result<T, E> {
        match within {
            Within::Savepoint(savepoint) => (self.0)(savepoint),
            Within::Transaction(transaction) => (self.0)(transaction),
        }
    }
}

struct Piece<W, T, E> {
    write: Option<W>,
    outcome: Option<Outcome<T, E>>,
    answer: oneshot::Sender<Result<Outcome<T, E>, StoreError>>,
}

impl<W: Body<T, E> + Send, T: Send, E: Send> Write for Piece<W, T, E> {
    fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    fn wants_savepoint(&self) -> bool {
        W::WANTS_SAVEPOINT
    }

    fn run(&mut self, within: &Within<'_>) -> bool {
        let write = self.write.take().expect("a piece runs once");
        // What it wrote is rolled back when the closure panics, so nothing broken is seen by others.
        let outcome = match catch_unwind(AssertUnwindSafe(|| write.run(within))) {
            Ok(Ok(value)) => Outcome::Committed(value),
            Ok(Err(error)) => Outcome::Undone(error),
            Err(panic) => Outcome::Panicked(crate::panic_text(panic.as_ref())),
        };
        let keep = matches!(outcome, Outcome::Committed(_));
        self.outcome = Some(outcome);
        keep
    }

    fn answer(self: Box<Self>, commit: Result<(), StoreError>) {
        let answer = match (commit, self.outcome) {
            (Ok(()), Some(outcome))
            | (Err(_), Some(outcome @ (Outcome::Undone(_) | Outcome::Panicked(_)))) => Ok(outcome),
            (Err(error), _) => Err(error),
            (Ok(()), None) => return, // Abandoned before it began.
        };
        drop(self.answer.send(answer));
    }
}

struct Unasked<W, F> {
    write: Option<W>,
    written: F,
}

impl<W, F> Write for Unasked<W, F>
where
    W: FnOnce(&Connection) -> rusqlite::Result<()> + Send,
    F: FnOnce() + Send,
{
    fn is_abandoned(&self) -> bool {
        false
    }

    fn wants_savepoint(&self) -> bool {
        false
    }

    fn run(&mut self, within: &Within<'_>) -> bool {
        let write = Own(self.write.take().expect("a piece runs once"));
        write
            .run(within)
            .inspect_err(|error| tracing::warn!("a write that nobody waits for: {error}"))
            .is_ok()
    }

    fn answer(self: Box<Self>, commit: Result<(), StoreError>) {
        if commit.is_ok() {
            (self.written)();
        }
    }
}

/// The first write and those that wait behind it; a read ends the group and comes back as the second value.
fn gather(
    first: Box<dyn Write>,
    waiting: &mut mpsc::Receiver<Command>,
) -> (Vec<Box<dyn Write>>, Option<Command>) {
    let mut group = vec![first];
    while group.len() < GROUP_MAX {
        match waiting.try_recv() {
            Ok(Command::Write(write)) => group.push(write),
            Ok(read) => return (group, Some(read)),
            Err(_) => break,
        }
    }
    (group, None)
}

fn commit_together(path: &Path, connection: &mut Connection, mut group: Vec<Box<dyn Write>>) {
    let commit = run_group(connection, &mut group).map_err(|error| store_error(path, &error));
    for write in group {
        write.answer(commit.clone());
    }
}

fn run_group(connection: &mut Connection, group: &mut [Box<dyn Write>]) -> rusqlite::Result<()> {
    let mut transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    failpoint::pass(Point::GroupBegun);
    match group {
        [only] if !only.is_abandoned() && !only.wants_savepoint() => {
            if !only.run(&Within::Transaction(&transaction)) {
                // Dropped, it is rolled back.
                return Ok(());
            }
        }
        _ => run_each(&mut transaction, group)?,
    }
    if transaction.is_autocommit() {
        return Err(rolled_back());
    }
    failpoint::pass(Point::GroupBeforeCommit);
    transaction.commit()?;
    failpoint::pass(Point::GroupCommitted);
    Ok(())
}

fn run_each(transaction: &mut Transaction<'_>, group: &mut [Box<dyn Write>]) -> rusqlite::Result<()> {
    for write in group.iter_mut().filter(|write| !write.is_abandoned()) {
        let mut savepoint = transaction.savepoint()?;
        if write.run(&Within::Savepoint(&savepoint)) {
            savepoint.commit()?;
        } else if savepoint.is_autocommit() {
            // A full disk or an I/O error makes SQLite roll back everything, not only this savepoint.
            return Err(rolled_back());
        } else {
            savepoint.rollback()?;
            savepoint.commit()?;
        }
    }
    Ok(())
}

fn rolled_back() -> rusqlite::Error {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ABORT);
    rusqlite::Error::SqliteFailure(code, Some("a failing statement rolled back the whole transaction".into()))
}
