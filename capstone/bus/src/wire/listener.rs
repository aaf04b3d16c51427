//! [`Listener`]: lets NATS clients in, and owns their connections.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinError, JoinSet};
use tokio::time;
use tokio_util::sync::CancellationToken;

use super::builder::ListenerBuilder;
use super::codec::encode::{self, Info};
use super::connection::Connection;
use super::door::{Door, Guest};
use super::end::End;
use super::monitor::Monitor;
use super::serving::{Secrecy, Serving};
use crate::Bus;
use crate::router::outlet::Origin;

/// How long the accept loop rests when the process has no descriptor left for another connection.
const REST: Duration = Duration::from_millis(100);

/// Listens for NATS clients, whose publishes and subscriptions are then those of a bus.
///
/// ```
/// use capstone_bus::{Bus, wire::Listener};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = Bus::new();
/// let listener = Listener::builder(&bus).token("s3cret").bind("127.0.0.1:0").await?;
/// println!("nats://{}", listener.local_addr());
///
/// // Until the future is ready; here at once.
/// let report = listener.run(async {}).await;
/// assert_eq!(report.cut_off, 0);
/// # Ok(())
/// # }
/// ```
///
/// # Dropping
///
/// The port is closed, and nobody was served yet: connections exist only while [`run`](Self::run) runs.
#[derive(Debug)]
#[must_use = "nobody is served until it runs"]
pub struct Listener {
    pub(super) socket: TcpListener,
    pub(super) address: SocketAddr,
    pub(super) serving: Arc<Serving>,
}

/// How a listener has ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DrainReport {
    /// Connections that had everything written to them that was theirs.
    pub drained: usize,
    /// Connections that were cut off at the deadline, or were too slow before.
    pub cut_off: usize,
}

impl Listener {
    /// A listener for this bus, with the usual [`Limits`](super::Limits).
    pub fn builder(bus: &Bus) -> ListenerBuilder {
        ListenerBuilder::new(bus.clone())
    }

    /// Where it listens; the port is the real one, also if 0 was asked for.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Looks on while the listener runs.
    pub fn monitor(&self) -> Monitor {
        Monitor::new(Arc::clone(&self.serving.counters))
    }

    /// Serves until `shutdown` is ready, then drains: lets nobody in, reads nothing more, writes what is pending, and
    /// closes. All of its tasks have ended when this returns.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime with I/O and time.
    ///
    /// # Cancel safety
    ///
    /// Dropping it closes the port and every connection at once; what was pending for them is lost.
    pub async fn run(self, shutdown: impl Future<Output = ()>) -> DrainReport {
        let (mut connections, mut door) = (JoinSet::new(), Door::new(self.serving.limits));
        let drain = CancellationToken::new();
        let mut shutdown = std::pin::pin!(shutdown);
        let mut last = Origin::LOCAL;
        // ANCHOR: serve
        loop {
            // All are cancel safe: a connection that was not accepted, a task that was not joined, stays where it is.
            tokio::select! {
                () = &mut shutdown => break,
                Some(ended) = connections.join_next(), if !connections.is_empty() => {
                    self.serving.counters.ended(&outcome(ended));
                }
                accepted = next(&mut door, || self.socket.accept()) => {
                    last = Origin(last.0 + 1);
                    self.admit(&mut door, &mut connections, accepted, last, &drain);
                }
            }
        }
        drop(self.socket);
        drain.cancel();
        drain_all(&self.serving, connections).await
        // ANCHOR_END: serve
    }

    fn admit(
        &self,
        door: &mut Door,
        connections: &mut JoinSet<End>,
        (socket, peer): (TcpStream, SocketAddr),
        origin: Origin,
        drain: &CancellationToken,
    ) {
        let info = self.info(origin, peer);
        let guest = match door.enter(peer.ip(), connections.len()) {
            Ok(guest) => guest,
            Err(why) => {
                self.serving.counters.refused();
                let mut text = Vec::new();
                // Clients take nothing from a server that has not said first who it is.
                encode::info(&mut text, &info);
                encode::error(&mut text, why);
                // Without waiting: a new socket has room for it. If it has not, the client hears nothing and is closed.
                let _ = socket.into_std().and_then(|mut socket| socket.write(&text));
                return;
            }
        };
        self.serving.counters.accepted();
        // Answers are small and awaited; where there is much to write, it is written together anyway.
        let _ = socket.set_nodelay(true);
        let connection = Connection::new(Arc::clone(&self.serving), origin, peer);
        let drain = drain.clone();
        connections.spawn(async move {
            let Guest { stranger, place: _place } = guest;
            connection.run(&info, socket, stranger, drain).await
        });
    }

    fn info(&self, origin: Origin, peer: SocketAddr) -> Info {
        Info {
            server_id: self.serving.counters.server_id.clone(),
            host: self.address.ip().to_string(),
            port: self.address.port(),
            auth_required: self.serving.credentials.is_some(),
            tls_required: self.serving.secrecy != Secrecy::None,
            tls_verify: self.serving.secrecy == Secrecy::Mutual,
            max_payload: self.serving.limits.payload_max,
            client_id: origin.0,
            client_ip: peer.ip().to_string(),
            ..Info::default()
        }
    }
}

/// A connection's end; a panic is one as well, and is told where people look.
fn outcome(ended: Result<End, JoinError>) -> End {
    ended.unwrap_or_else(|error| {
        tracing::error!("a connection's task has failed: {error}");
        End::Gone
    })
}

/// The next connection, as soon as the door is open and whatever comes in between.
///
/// Cancel safe if `accept` is: a pause that is dropped is over.
async fn next<T, F>(door: &mut Door, mut accept: impl FnMut() -> F) -> T
where
    F: Future<Output = io::Result<T>>,
{
    loop {
        door.opens().await;
        match accept().await {
            Ok(accepted) => return accepted,
            Err(error) => rest_after(&error, door).await,
        }
    }
}

/// An accept that failed says nothing about the next one, except when descriptors have run out.
async fn rest_after(error: &io::Error, door: &mut Door) {
    let client_gave_up = matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::Interrupted
    );
    if !client_gave_up {
        // Silent sockets must not keep everybody else waiting for a descriptor.
        if !door.displace() {
            tracing::warn!("cannot accept a connection, trying again: {error}");
        }
        time::sleep(REST).await;
    }
}

async fn drain_all(serving: &Serving, mut connections: JoinSet<End>) -> DrainReport {
    let mut report = DrainReport::default();
    let deadline = time::Instant::now() + serving.limits.drain_within;
    while !connections.is_empty() {
        match time::timeout_at(deadline, connections.join_next()).await {
            Ok(Some(ended)) => {
                let end = outcome(ended);
                serving.counters.ended(&end);
                match end {
                    End::Slow(_) => report.cut_off += 1,
                    _ => report.drained += 1,
                }
            }
            Ok(None) => break,
            Err(_elapsed) => {
                report.cut_off += connections.len();
                connections.shutdown().await;
            }
        }
    }
    serving.counters.closed();
    report
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::net::Ipv4Addr;

    use futures::FutureExt;

    use super::super::Limits;
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_accept_that_fails_ends_nothing_and_without_descriptors_it_rests() {
        let too_many_files = 24;
        let mut accepted = VecDeque::from([
            Err(io::ErrorKind::ConnectionAborted.into()),
            Err(io::ErrorKind::ConnectionReset.into()),
            Ok("first"),
            Err(io::Error::from_raw_os_error(too_many_files)),
            Err(io::Error::from_raw_os_error(too_many_files)),
            Ok("second"),
        ]);
        let mut accept = || std::future::ready(accepted.pop_front().expect("no more than these"));
        let (mut door, begin) = (Door::new(Limits::default()), time::Instant::now());
        assert_eq!((next(&mut door, &mut accept).await, begin.elapsed()), ("first", Duration::ZERO));
        let silent = door.enter(Ipv4Addr::LOCALHOST.into(), 0).expect("room");
        time::advance(Duration::from_secs(1)).await;
        let begin = time::Instant::now();
        assert_eq!((next(&mut door, &mut accept).await, begin.elapsed()), ("second", 2 * REST));
        silent.stranger.displaced().now_or_never().expect("it makes room");
    }
}
