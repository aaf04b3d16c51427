//! One connection: a socket, and the three things that go on at it at once. Reading, writing, and asking whether
//! anybody is still there.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{self, Instant};
use tokio_util::sync::CancellationToken;

use super::batch::{Batch, Stall};
use super::codec::{Command, Decoder, encode};
use super::door::Stranger;
use super::end::End;
use super::feed::Client;
use super::outbound::{Lag, Outbound, WriteEnd};
use super::refusal::Refusal;
use super::serving::Serving;
use super::session::{Session, Step};
use crate::router::outlet::Origin;

/// A read takes at least this much, and more while a client has more.
const READ_MIN: usize = 4 << 10;
const READ_MAX: usize = 64 << 10;
/// A client that publishes to one that is far behind is held up for so long before its next command, and for so long in
/// all before it is read from again: nats-server's times. It is what lets a receiver that is nearly as fast catch up, and
/// too little for anybody to notice who publishes to a slow one.
const STALL: Duration = Duration::from_millis(2);
const STALL_MAX: Duration = Duration::from_millis(10);
/// How long a client that was refused, or that has everything at a drain, may take to go.
const LINGER: Duration = Duration::from_secs(1);

/// See the module.
pub(super) struct Connection {
    pub(super) serving: Arc<Serving>,
    pub(super) origin: Origin,
    pub(super) peer: SocketAddr,
    pub(super) outbound: Arc<Outbound>,
    client: Arc<Client>,
    heart: Heart,
}

/// Whether the client is still there.
#[derive(Debug, Default)]
struct Heart {
    /// It has said something since it was last looked at. Whatever it is shows that it is there: behind a long message,
    /// a `PONG` may come late.
    heard: AtomicBool,
    /// Nothing is read while others are waited for, so silence means nothing.
    deaf: AtomicBool,
}

impl Connection {
    pub(super) fn new(serving: Arc<Serving>, origin: Origin, peer: SocketAddr) -> Self {
        let outbound = Outbound::new(serving.limits, Arc::clone(&serving.pool));
        let client = Arc::new(Client::new(Arc::clone(&outbound), origin));
        Self { serving, origin, peer, outbound, client, heart: Heart::default() }
    }

    /// Runs until the connection ends, and says why.
    pub(super) async fn run(
        self,
        info: &encode::Info,
        socket: TcpStream,
        stranger: Stranger,
        drain: CancellationToken,
    ) -> End {
        // Whoever waits for this connection goes on, however it ends.
        let _closed = CloseOnDrop(&self.outbound);
        let end = self.greet_and_talk(info, socket, stranger, drain).await;
        if let End::Slow(lag) = &end {
            let Self { origin: Origin(number), peer, .. } = self;
            tracing::warn!("Slow Consumer: {peer}, connection {number}: {}", self.words(*lag));
        }
        end
    }

    async fn greet_and_talk(
        &self,
        info: &encode::Info,
        socket: TcpStream,
        stranger: Stranger,
        drain: CancellationToken,
    ) -> End {
        #[cfg(feature = "wire-tls")]
        if let Some(tls) = &self.serving.tls {
            // Dropping the handshake half-way is right: the connection ends then.
            let encrypted = tokio::select! {
                encrypted = time::timeout(self.serving.limits.handshake_within, tls.accept(info, socket)) => encrypted,
                () = stranger.displaced() => return End::Displaced,
                () = drain.cancelled() => return End::Drained,
            };
            let Ok(encrypted) = encrypted.map_err(std::io::Error::from).flatten().inspect_err(|error| {
                tracing::info!("TLS handshake with {}: {error}", self.peer);
            }) else {
                return End::Unencrypted;
            };
            let (reader, writer) = tokio::io::split(encrypted);
            return self.talk(info, reader, writer, stranger, drain).await;
        }
        self.outbound.say(|out| encode::info(out, info));
        let (reader, writer) = socket.into_split();
        self.talk(info, reader, writer, stranger, drain).await
    }

    async fn talk(
        &self,
        info: &encode::Info,
        mut reader: impl AsyncRead + Unpin,
        mut writer: impl AsyncWrite + Unpin,
        stranger: Stranger,
        drain: CancellationToken,
    ) -> End {
        let mut stranger = Some(stranger);
        let mut writing = Box::pin(self.outbound.write_to(&mut writer));
        // Dropping the others half-way is right: after any of these nothing more is read or asked. Reading comes first,
        // so that an answer that is there counts before it is missed.
        let end = tokio::select! {
            biased;
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
            (WriteEnd::Slow(lag), End::Drained) => return End::Slow(lag),
            // Cancel safe: both lead to the end. Who is refused unknown is in the way of others until then.
            (WriteEnd::Finished, End::Refused(_) | End::Unauthorised(_) | End::Drained) => tokio::select! {
                () = linger(reader, writer, LINGER.min(self.serving.limits.drain_within / 2)) => {}
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
        // Dropping the greeting half-way is right: the connection ends then.
        let greeted = tokio::select! {
            greeted = self.greet(reader, &mut buffer) => greeted,
            () = self.too_late() => Err(End::Unauthorised("Authentication Timeout")),
            () = displaced(stranger.as_ref()) => Err(End::Displaced),
        };
        if let Err(end) = greeted {
            return end;
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
            let count = match reader.read_buf(&mut buffer).await {
                Ok(0) | Err(_) => return End::Gone,
                Ok(count) => count,
            };
            self.heart.heard.store(true, Ordering::Relaxed);
            // A flood would keep the task for itself: those it has written for get their turn first.
            if count == room {
                size = (size * 2).min(READ_MAX);
                tokio::task::yield_now().await;
            } else if count < size / 4 {
                size = (size / 2).max(READ_MIN);
            }
        }
    }

    /// Ready when the client has had its time to say who it is, if it must.
    async fn too_late(&self) {
        match self.serving.credentials {
            Some(_) => time::sleep(self.serving.limits.authenticate_within).await,
            None => std::future::pending().await,
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
        let mut patience = STALL_MAX;
        loop {
            let stall = if patience.is_zero() { Stall::Over } else { Stall::Allowed };
            let (step, mut batch) = session.step(buffer, stall);
            let pressed = std::mem::take(&mut batch.pressed);
            // Wakes the receivers.
            drop::<Batch>(batch);
            let offered = match step? {
                Step::Starved if pressed.is_empty() => return Ok(()),
                Step::Starved => None,
                Step::Wait(offered) => offered,
            };
            if let Some(offered) = offered {
                self.heart.deaf.store(true, Ordering::Relaxed);
                // The protocol has no word for what was dropped; the subscriber sees the gap.
                let _ = offered.settle().await;
                self.heart.deaf.store(false, Ordering::Relaxed);
            }
            if !pressed.is_empty() {
                patience = patience.saturating_sub(hold_up(&pressed, STALL.min(patience)).await);
            }
        }
    }

    /// Asks a client that says nothing whether it is there; ends when it did not answer.
    async fn beat(&self) {
        let limits = &self.serving.limits;
        let mut missed = 0;
        loop {
            time::sleep(limits.ping_every).await;
            if self.heart.heard.swap(false, Ordering::Relaxed) {
                missed = 0;
            } else if !self.heart.deaf.load(Ordering::Relaxed) {
                if missed >= limits.pings_missed_max {
                    return;
                }
                missed += 1;
                self.outbound.say(|out| out.extend_from_slice(encode::PING));
            }
        }
    }

    fn words(&self, lag: Lag) -> String {
        let limits = &self.serving.limits;
        match lag {
            Lag::Bytes => format!("more than {} bytes wait for it", limits.pending_max),
            Lag::Total => {
                format!("more than {} bytes wait for all, and the most for it", limits.pending_total_max)
            }
            Lag::Time => format!("what waits for it was not taken within {:?}", limits.write_within),
        }
    }
}

/// Waits until these have room, for a while. Says how long it took.
async fn hold_up(receivers: &[Arc<Outbound>], at_most: Duration) -> Duration {
    let begin = Instant::now();
    let room = async {
        for receiver in receivers {
            poll_fn(|cx| receiver.poll_room(cx)).await;
        }
    };
    // Whether there is room or the time is over: it goes on.
    let _ = time::timeout(at_most, room).await;
    begin.elapsed()
}

/// Lets the client read what it was sent last: with unread bytes of its own on the way, closing at once would take back what
/// the operating system has not delivered yet.
async fn linger(mut reader: impl AsyncRead + Unpin, mut writer: impl AsyncWrite + Unpin, at_most: Duration) {
    let until_it_goes = async {
        writer.shutdown().await?;
        tokio::io::copy(&mut reader, &mut tokio::io::sink()).await
    };
    // Whether it went, or the time was over: the connection ends now.
    let _ = time::timeout(at_most, until_it_goes).await;
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

#[cfg(test)]
mod tests;
