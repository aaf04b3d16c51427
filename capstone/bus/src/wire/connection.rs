//! One connection: a socket, and the three things that go on at it at once. Reading, writing, and asking whether
//! anybody is still there.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time;
use tokio_util::sync::CancellationToken;

use super::batch::Batch;
use super::codec::{Command, Decoder, encode};
use super::door::Stranger;
use super::feed::Client;
use super::listener::Serving;
use super::outbound::{Outbound, WriteEnd};
use super::refusal::Refusal;
use super::session::{Session, Step};
use crate::outlet::Origin;

/// A read takes at least this much, and more while a client has more.
const READ_MIN: usize = 4 << 10;
const READ_MAX: usize = 64 << 10;
/// How long a client that was refused may take to go.
const LINGER: Duration = Duration::from_secs(1);
/// What clients know, and come back after.
const TOO_LATE: &str = "Authentication Timeout";

/// See the module.
pub(super) struct Connection {
    pub(super) serving: Arc<Serving>,
    pub(super) origin: Origin,
    pub(super) outbound: Arc<Outbound>,
    client: Arc<Client>,
    heart: Heart,
}

/// Whether the client is still there.
#[derive(Debug, Default)]
struct Heart {
    /// `PING`s without a `PONG`.
    missed: AtomicU32,
    /// Nothing is read while others are waited for, so silence means nothing.
    deaf: AtomicBool,
}

/// Why a connection has ended.
#[derive(Debug)]
pub(super) enum End {
    /// The client has gone.
    Gone,
    /// We have asked it to go.
    Refused(Refusal),
    /// It did not say who it is in time, or said it wrongly.
    Unauthorised(&'static str),
    /// It has not said who it is, and too many have come after it that have not, either.
    Displaced,
    /// It does not answer.
    Stale,
    /// It does not take what it gets.
    Slow,
    /// The listener drains.
    Drained,
}

impl Connection {
    pub(super) fn new(serving: Arc<Serving>, origin: Origin) -> Self {
        let outbound = Outbound::new(serving.limits);
        let client = Arc::new(Client::new(Arc::clone(&outbound), origin));
        Self { serving, origin, outbound, client, heart: Heart::default() }
    }

    /// Runs until the connection ends, and says why.
    pub(super) async fn run(
        self,
        info: &encode::Info,
        mut reader: impl AsyncRead + Unpin,
        mut writer: impl AsyncWrite + Unpin,
        stranger: Stranger,
        drain: CancellationToken,
    ) -> End {
        // Whoever waits for this connection goes on, however it ends.
        let _closed = CloseOnDrop(&self.outbound);
        self.outbound.say(|out| encode::info(out, info));
        let mut stranger = Some(stranger);
        let mut writing = Box::pin(self.outbound.write_to(&mut writer));
        // Dropping the others half-way is right: after any of these nothing more is read or asked.
        let end = tokio::select! {
            end = self.read(info, &mut reader, &mut stranger) => end,
            () = self.beat() => End::Stale,
            () = drain.cancelled() => End::Drained,
            end = &mut writing => return End::of_writing(&end),
        };
        self.say_why(&end, info);
        self.outbound.finish();
        // Each piece has a deadline of its own; a drain has one for all of them.
        let written = writing.as_mut().await;
        drop(writing);
        match (written, &end) {
            (WriteEnd::Slow, End::Drained) => return End::Slow,
            // Cancel safe: both lead to the end. Who is refused unknown is in the way of others until then.
            (WriteEnd::Finished, End::Refused(_) | End::Unauthorised(_)) => tokio::select! {
                () = linger(reader, writer) => {}
                () = displaced(stranger.as_ref()) => {}
            },
            _ => {}
        }
        end
    }

    fn say_why(&self, end: &End, info: &encode::Info) {
        if let Some(text) = end.text() {
            self.outbound.say(|out| encode::error(out, text));
        }
        if matches!(end, End::Drained) && self.client.takes_info() {
            let info = encode::Info { ldm: true, ..info.clone() };
            self.outbound.say(|out| encode::info(out, &info));
        }
        if let End::Refused(Refusal::Silent(why)) = end {
            tracing::debug!("connection {} is closed: {why}", self.origin.0);
        }
    }

    /// Reads and carries out until the client goes or has to.
    async fn read(
        &self,
        info: &encode::Info,
        reader: &mut (impl AsyncRead + Unpin),
        stranger: &mut Option<Stranger>,
    ) -> End {
        let mut buffer = BytesMut::new();
        let within = self.serving.limits.authenticate_within;
        // Dropping the greeting half-way is right: the connection ends then.
        let greeted = tokio::select! {
            greeted = time::timeout(within, self.greet(reader, &mut buffer)) => greeted,
            () = displaced(stranger.as_ref()) => return End::Displaced,
        };
        match greeted {
            Err(_elapsed) => return End::Unauthorised(TOO_LATE),
            Ok(Err(end)) => return end,
            Ok(Ok(())) => {}
        }
        let client = Arc::clone(&self.client);
        let mut session = Session::new(Arc::clone(&self.serving), info.clone(), self.origin, client);
        let mut size = READ_MIN;
        loop {
            if let Err(refusal) = self.carry_out(&mut session, &mut buffer).await {
                return refusal.into();
            }
            // It has said something that could be carried out.
            *stranger = None;
            buffer.reserve(size);
            let room = buffer.capacity() - buffer.len();
            match reader.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => return End::Gone,
                // A flood would keep the task for itself: those it has written for get their turn first.
                Ok(count) if count == room => {
                    size = (size * 2).min(READ_MAX);
                    tokio::task::yield_now().await;
                }
                Ok(count) if count < size / 4 => size = (size / 2).max(READ_MIN),
                Ok(_) => {}
            }
        }
    }

    /// Waits for the first command, and leaves it in the buffer. Where credentials are wanted it must be the `CONNECT` that has
    /// them; elsewhere a client need not say who it is, but it must say something.
    async fn greet(&self, reader: &mut (impl AsyncRead + Unpin), buffer: &mut BytesMut) -> Result<(), End> {
        let Serving { limits, credentials, .. } = &*self.serving;
        // No payload at all: a stranger makes us keep one line and no more.
        let mut decoder = Decoder::new(limits.control_line_max, 0);
        loop {
            match decoder.decode(&mut buffer.clone()) {
                Ok(None) => {}
                Ok(Some(Command::Connect(_))) => return Ok(()),
                _ if credentials.is_some() => return Err(Refusal::Unauthorised.into()),
                _ => return Ok(()),
            }
            buffer.reserve(READ_MIN);
            match reader.read_buf(buffer).await {
                Ok(0) | Err(_) => return Err(End::Gone),
                Ok(_) => {}
            }
        }
    }

    /// Carries out all that was read, and waits wherever that is necessary in between.
    async fn carry_out(&self, session: &mut Session, buffer: &mut BytesMut) -> Result<(), Refusal> {
        loop {
            let (step, mut batch) = session.step(buffer, || self.heart.missed.store(0, Ordering::Relaxed));
            let pressed = std::mem::take(&mut batch.pressed);
            // Wakes the receivers.
            drop::<Batch>(batch);
            let offered = match step? {
                Step::Starved if pressed.is_empty() => return Ok(()),
                Step::Starved => None,
                Step::Wait(offered) => offered,
            };
            self.heart.deaf.store(true, Ordering::Relaxed);
            if let Some(offered) = offered {
                offered.settle().await;
            }
            for receiver in pressed {
                poll_fn(|cx| receiver.poll_room(cx)).await;
            }
            self.heart.deaf.store(false, Ordering::Relaxed);
        }
    }

    /// Asks the client now and then whether it is there; ends when it did not answer.
    async fn beat(&self) {
        let limits = &self.serving.limits;
        loop {
            time::sleep(limits.ping_every).await;
            if self.heart.deaf.load(Ordering::Relaxed) {
                continue;
            }
            if self.heart.missed.fetch_add(1, Ordering::Relaxed) >= limits.pings_missed_max {
                return;
            }
            self.outbound.say(|out| out.extend_from_slice(encode::PING));
        }
    }
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unauthorised => Self::Unauthorised("Authorization Violation"),
            refusal => Self::Refused(refusal),
        }
    }
}

impl End {
    fn of_writing(end: &WriteEnd) -> Self {
        match end {
            WriteEnd::Finished | WriteEnd::Lost => Self::Gone,
            WriteEnd::Slow => Self::Slow,
        }
    }

    /// What the client is told.
    fn text(&self) -> Option<&str> {
        match self {
            Self::Refused(Refusal::Told(text)) => Some(text),
            Self::Unauthorised(text) => Some(text),
            Self::Displaced => Some(TOO_LATE),
            Self::Stale => Some("Stale Connection"),
            // No error at a drain: some clients stay closed for good after one.
            Self::Gone | Self::Slow | Self::Drained | Self::Refused(_) => None,
        }
    }
}

/// Lets the client read our last words: with unread bytes of its own on the way, closing at once would take them back.
async fn linger(mut reader: impl AsyncRead + Unpin, mut writer: impl AsyncWrite + Unpin) {
    let until_it_goes = async {
        writer.shutdown().await?;
        tokio::io::copy(&mut reader, &mut tokio::io::sink()).await
    };
    // Whether it went, or the time was over: the connection ends now.
    let _ = time::timeout(LINGER, until_it_goes).await;
}

/// Never ready for a client that has said who it is.
async fn displaced(stranger: Option<&Stranger>) {
    match stranger {
        Some(stranger) => stranger.displaced().await,
        None => std::future::pending().await,
    }
}

struct CloseOnDrop<'a>(&'a Outbound);

impl Drop for CloseOnDrop<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}
