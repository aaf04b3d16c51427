//! Those of one process who publish to a stream share a commit, and wait for the stream's lock once for all of them.
//!
//! What comes while a group of a stream is written waits, and is the next group: alone, nobody waits for others. Whoever
//! publishes within a transaction of its own does not come here.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::Range;
use std::sync::Mutex;

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::sync::{mpsc, oneshot};

use super::{StreamId, log};
use crate::message::Message;
use crate::postgres::failure::is_collision;
use crate::postgres::lend::{Lender, Lent};
use crate::store::StoreError;
use crate::stream::store::PublishAck;

/// Publishers whose messages wait to be written; as many more may wait in front of them. When both are full, publishers wait
/// for a place.
const WAITING_MAX: usize = 1_024;

/// More messages, and about more bytes, would make the first of a group wait for the last.
const GROUP_MESSAGES_MAX: usize = 512;
const GROUP_BYTES_MAX: usize = 4 * 1024 * 1024;

/// `None`: there is no such stream.
type Answer = Result<Option<Vec<PublishAck>>, StoreError>;

/// Owns the task that writes; without it that writes what waits, and ends. A short section without await.
#[derive(Default)]
pub(super) struct Publishers(Mutex<Option<mpsc::Sender<Piece>>>);

/// What one of them publishes: all of it or nothing.
struct Piece {
    stream: StreamId,
    messages: Vec<Message>,
    /// What a test says that the time is.
    now: Option<i64>,
    answer: oneshot::Sender<Answer>,
}

impl Publishers {
    /// Dropped before a group has begun with it, it is not written; dropped later, it is, as the group is.
    pub(super) async fn append(
        &self,
        lender: &Lender,
        stream: StreamId,
        messages: Vec<Message>,
        now: Option<i64>,
    ) -> Answer {
        let pieces = self.pieces(lender);
        let (answer, answered) = oneshot::channel();
        let piece = Piece { stream, messages, now, answer };
        pieces.send(piece).await.map_err(|_| lender.closed())?;
        answered.await.map_err(|_| lender.closed())?
    }

    /// The task ends with the runtime in which somebody was the first to publish; the next one may publish in another.
    fn pieces(&self, lender: &Lender) -> mpsc::Sender<Piece> {
        let mut pieces = self.0.lock().expect("nothing panics while it is held");
        let open = pieces.take_if(|pieces| !pieces.is_closed());
        pieces
            .insert(open.unwrap_or_else(|| {
                let (pieces, queue) = mpsc::channel(WAITING_MAX);
                tokio::spawn(write(queue, lender.clone()));
                pieces
            }))
            .clone()
    }
}

/// Writes one group of a stream at a time, those of different streams beside each other.
async fn write(mut queue: mpsc::Receiver<Piece>, lender: Lender) {
    let mut waiting: HashMap<i64, VecDeque<Piece>> = HashMap::new();
    let mut busy = HashSet::new();
    let mut groups: FuturesUnordered<BoxFuture<'static, StreamId>> = FuturesUnordered::new();
    let (mut count, mut is_open) = (0, true);
    loop {
        // Both are cancel safe: what is not taken out stays, and what is under way goes on with the next poll.
        let mut piece = tokio::select! {
            piece = queue.recv(), if is_open && count < WAITING_MAX => {
                is_open = piece.is_some();
                piece
            }
            Some(written) = groups.next() => {
                busy.remove(&written.0);
                None
            }
            else => return,
        };
        while let Some(next) = piece {
            count += 1;
            waiting.entry(next.stream.0).or_default().push_back(next);
            piece = if count < WAITING_MAX { queue.try_recv().ok() } else { None };
        }
        for (stream, pieces) in &mut waiting {
            if busy.insert(*stream) {
                let group = take(pieces, &mut count);
                groups.push(Box::pin(write_group(lender.clone(), StreamId(*stream), group)));
            }
        }
        waiting.retain(|_, pieces| !pieces.is_empty());
    }
}

/// Those in front, as far as they fit a group. Who waits no longer is left out.
fn take(pieces: &mut VecDeque<Piece>, count: &mut usize) -> Vec<Piece> {
    let (mut group, mut messages, mut bytes) = (Vec::new(), 0, 0);
    while let Some(next) = pieces.front() {
        messages += next.messages.len();
        bytes += next.messages.iter().map(|message| message.payload.len()).sum::<usize>();
        if !group.is_empty() && (messages > GROUP_MESSAGES_MAX || bytes > GROUP_BYTES_MAX) {
            break;
        }
        *count -= 1;
        group.extend(pieces.pop_front().filter(|piece| !piece.answer.is_closed()));
    }
    group
}

async fn write_group(lender: Lender, stream: StreamId, group: Vec<Piece>) -> StreamId {
    let now = group.last().and_then(|piece| piece.now);
    let (mut messages, mut members) = (Vec::new(), Vec::with_capacity(group.len()));
    for mut piece in group {
        let begin = messages.len();
        messages.append(&mut piece.messages);
        members.push((begin..messages.len(), piece.answer));
    }
    if members.is_empty() {
        return stream;
    }
    let append = Append { lender: &lender, stream, messages: &messages, now };
    match append.run(0..messages.len()).await {
        Outcome::Done(acks) => {
            for (range, answer) in members {
                drop(answer.send(Ok(acks.as_ref().map(|acks| acks[range].to_vec()))));
            }
        }
        // One of them may be to blame: the others are not to suffer.
        Outcome::Refused(_) if members.len() > 1 => {
            for (range, answer) in members {
                drop(answer.send(append.run(range).await.into()));
            }
        }
        Outcome::Refused(error) | Outcome::Failed(error) => {
            for (_, answer) in members {
                drop(answer.send(Err(error.clone())));
            }
        }
    }
    stream
}

struct Append<'a> {
    lender: &'a Lender,
    stream: StreamId,
    messages: &'a [Message],
    now: Option<i64>,
}

enum Outcome {
    Done(Option<Vec<PublishAck>>),
    /// The database took none of it, for what was in it or for what others did.
    Refused(StoreError),
    /// It may have been written or not, or cannot be now.
    Failed(StoreError),
}

impl Append<'_> {
    async fn run(&self, range: Range<usize>) -> Outcome {
        let lent = match self.lender.lend().await {
            Ok(lent) => lent,
            Err(error) => return Outcome::Failed(error),
        };
        let append = async { Ok(self.append(&lent, range).await) };
        let outcome = self.lender.answered(append).await;
        match outcome {
            Ok(Ok(acks)) => {
                lent.give_back();
                Outcome::Done(acks)
            }
            Ok(Err(error)) => {
                let is_refused = error.code().is_some();
                let (is_collision, failed) = (is_collision(&error), self.lender.failed(&error));
                match failed {
                    failed if is_collision => Outcome::Refused(failed),
                    failed @ StoreError::Unusable { .. } if is_refused => Outcome::Refused(failed),
                    failed => Outcome::Failed(failed),
                }
            }
            Err(silent) => Outcome::Failed(silent),
        }
    }

    async fn append(
        &self,
        lent: &Lent,
        range: Range<usize>,
    ) -> Result<Option<Vec<PublishAck>>, tokio_postgres::Error> {
        log::append(&****lent, self.stream, &self.messages[range], self.now).await
    }
}

impl From<Outcome> for Answer {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done(acks) => Ok(acks),
            Outcome::Refused(error) | Outcome::Failed(error) => Err(error),
        }
    }
}
