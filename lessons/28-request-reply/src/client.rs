//! Requests over one connection, as lines. All answers come the same way, so each line begins with the id of its request.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use shared::Journal;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, split};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::bus::SLOTS;

/// A request has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskError {
    /// The connection has ended. Whether the server has the request is unknown.
    Disconnected,
    /// No answer came in time. Whether the server has the request is unknown.
    Timeout,
}

/// The requests that wait for a line, by their ids.
#[derive(Default)]
struct Waiting {
    answers: Mutex<HashMap<u64, oneshot::Sender<String>>>,
    last_id: AtomicU64,
    late_replies: AtomicU64,
}

impl Waiting {
    fn answers(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<String>>> {
        self.answers.lock().expect("nothing that can panic runs under this lock")
    }
}

/// An entry of the table. However its request ends, dropping this removes it.
struct Entry<'a> {
    waiting: &'a Waiting,
    id: u64,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.waiting.answers().remove(&self.id);
    }
}

/// The client's end of a connection. Clones share it, and each may have many requests in flight.
#[derive(Clone)]
pub struct Client {
    waiting: Arc<Waiting>,
    lines: mpsc::Sender<String>,
    journal: Journal,
}

impl Client {
    /// Spawns the task of the connection, which ends with it or with the last client.
    pub fn connect(io: impl AsyncRead + AsyncWrite + Send + 'static, journal: Journal) -> Self {
        let (lines, outgoing) = mpsc::channel(SLOTS);
        let waiting = Arc::new(Waiting::default());
        tokio::spawn(connection(io, Arc::clone(&waiting), outgoing, journal.clone()));
        Self { waiting, lines, journal }
    }

    /// Asks for a price. May be dropped at any time.
    // ANCHOR: ask
    pub async fn ask(&self, article: &str, limit: Duration) -> Result<String, AskError> {
        let id = self.waiting.last_id.fetch_add(1, Ordering::Relaxed) + 1;
        let (answer, answered) = oneshot::channel();
        self.waiting.answers().insert(id, answer);
        let _entry = Entry { waiting: &self.waiting, id }; // removes it, also when this future is dropped
        let asking = async {
            self.lines.send(format!("{id} {article}")).await.map_err(|_| AskError::Disconnected)?;
            self.journal.log("client", format_args!("asks: {id} {article}"));
            answered.await.map_err(|_| AskError::Disconnected)
        };
        timeout(limit, asking).await.unwrap_or(Err(AskError::Timeout))
    }
    // ANCHOR_END: ask

    /// How many requests are waiting for an answer.
    pub fn waiting(&self) -> usize {
        self.waiting.answers().len()
    }

    /// How many answers found no request that was waiting for them.
    pub fn late_replies(&self) -> u64 {
        self.waiting.late_replies.load(Ordering::Relaxed)
    }
}

async fn connection(
    io: impl AsyncRead + AsyncWrite,
    waiting: Arc<Waiting>,
    outgoing: mpsc::Receiver<String>,
    journal: Journal,
) {
    let (read, write) = split(io);
    // Not cancel safe, and it need not be: when one direction has ended, so has the connection.
    tokio::select! {
        _ = read_answers(read, &waiting, &journal) => {}
        _ = write_lines(write, outgoing) => {}
    }
    // `outgoing` has been dropped, so no request can be sent any more. Those that wait are told.
    let ended = std::mem::take(&mut *waiting.answers());
    drop(ended);
}

// ANCHOR: read-answers
async fn read_answers(read: impl AsyncRead + Unpin, waiting: &Waiting, journal: &Journal) -> io::Result<()> {
    let mut lines = BufReader::new(read).lines();
    while let Some(line) = lines.next_line().await? {
        journal.log("client", format_args!("reads: {line}"));
        let (id, price) = parse(&line)?;
        let answer = waiting.answers().remove(&id);
        let in_time = answer.is_some_and(|answer| answer.send(price.to_owned()).is_ok());
        if !in_time {
            waiting.late_replies.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(())
}
// ANCHOR_END: read-answers

/// Writes each line whole, until no sender is left.
pub(crate) async fn write_lines(
    mut write: impl AsyncWrite + Unpin,
    mut outgoing: mpsc::Receiver<String>,
) -> io::Result<()> {
    while let Some(line) = outgoing.recv().await {
        write.write_all(format!("{line}\n").as_bytes()).await?;
    }
    Ok(())
}

/// The id and the rest of a line.
pub(crate) fn parse(line: &str) -> io::Result<(u64, &str)> {
    let parts = line.split_once(' ').and_then(|(id, rest)| Some((id.parse().ok()?, rest)));
    parts.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, format!("no id: {line}")))
}
