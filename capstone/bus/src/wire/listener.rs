//! [`Listener`]: lets NATS clients in, and owns their connections.

use std::io::{self, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream, ToSocketAddrs};
use tokio::task::{JoinError, JoinSet};
use tokio::time;
use tokio_util::sync::CancellationToken;

use super::codec::encode::{self, Info};
use super::connection::{Connection, End};
use super::credentials::{Credentials, User};
use super::door::{Door, Guest};
use super::monitor::{Counters, Monitor};
use super::pool::Pool;
use super::{Limits, ListenerStats};
use crate::Bus;
use crate::outlet::Origin;

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
    socket: TcpListener,
    address: SocketAddr,
    serving: Arc<Serving>,
}

/// What all connections share.
#[derive(Debug)]
pub(super) struct Serving {
    pub(super) bus: Bus,
    pub(super) limits: Limits,
    pub(super) credentials: Option<Credentials>,
    pub(super) counters: Arc<Counters>,
    pub(super) pool: Arc<Pool>,
}

/// Options of a listener; made by [`Listener::builder`].
#[derive(Debug)]
#[must_use = "does nothing until it is bound"]
pub struct ListenerBuilder {
    bus: Bus,
    limits: Limits,
    users: Vec<User>,
    open_to_all: bool,
}

/// The listener could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// The address is none, or is taken.
    #[error("cannot listen: {0}")]
    Bind(#[source] io::Error),
    /// The address can be reached from other machines, and anybody there could publish.
    #[error("{0} can be reached from other machines: clients need a token or a user there")]
    Open(SocketAddr),
    /// The limits contradict each other.
    #[error("{0}")]
    Limits(&'static str),
    /// A token, user name or password is empty or longer than 256 bytes.
    #[error("a token, user name or password has 1 to 256 bytes")]
    Credentials,
    /// Two users have the same name.
    #[error("there are two users {0:?}")]
    SameName(String),
    /// Two users have the same token.
    #[error("two users have the same token")]
    SameToken,
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
    /// A listener for this bus, with the usual [`Limits`].
    pub fn builder(bus: &Bus) -> ListenerBuilder {
        ListenerBuilder { bus: bus.clone(), limits: Limits::default(), users: Vec::new(), open_to_all: false }
    }

    /// Where it listens; the port is the real one, also if 0 was asked for.
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Looks on while the listener runs.
    pub fn monitor(&self) -> Monitor {
        Monitor(Arc::clone(&self.serving.counters))
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

impl ListenerBuilder {
    /// Lets clients in that are this user. As soon as there is one, all others are kept out.
    pub fn add_user(mut self, user: User) -> Self {
        self.users.push(user);
        self
    }

    /// A user with this token, who may do everything.
    pub fn token(self, token: &str) -> Self {
        self.add_user(User::with_token(token))
    }

    /// A user with this name and password, who may do everything.
    pub fn user(self, name: &str, password: &str) -> Self {
        self.add_user(User::with_password(name, password))
    }

    /// Lets everybody in who can reach the address, also from other machines and without a token.
    pub fn open_to_all(mut self) -> Self {
        self.open_to_all = true;
        self
    }

    /// Other limits than the usual ones.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Opens the port. From the return on clients can connect; they are served when the listener [runs](Listener::run).
    ///
    /// # Errors
    ///
    /// See [`ListenError`]. An address that is not loopback needs credentials, or [`open_to_all`](Self::open_to_all).
    ///
    /// # Cancel safety
    ///
    /// Dropped, it has opened nothing, or closes it again.
    pub async fn bind(self, address: impl ToSocketAddrs) -> Result<Listener, ListenError> {
        if let Some(fault) = self.limits.fault() {
            return Err(ListenError::Limits(fault));
        }
        let credentials = if self.users.is_empty() { None } else { Some(Credentials::new(self.users)?) };
        let addresses: Vec<_> = tokio::net::lookup_host(address).await.map_err(ListenError::Bind)?.collect();
        // Before the port is open: not a single connection may come in.
        let public = addresses.iter().find(|address| !address.ip().is_loopback());
        if let (Some(public), None, false) = (public, &credentials, self.open_to_all) {
            return Err(ListenError::Open(*public));
        }
        let socket = TcpListener::bind(&*addresses).await.map_err(ListenError::Bind)?;
        let address = socket.local_addr().map_err(ListenError::Bind)?;
        let (counters, pool) =
            (Arc::new(Counters::new()), Arc::new(Pool::new(self.limits.pending_total_max)));
        let serving = Serving { bus: self.bus, limits: self.limits, credentials, counters, pool };
        Ok(Listener { socket, address, serving: Arc::new(serving) })
    }
}

impl Monitor {
    /// What was counted so far.
    pub fn stats(&self) -> ListenerStats {
        self.0.stats()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::net::Ipv4Addr;

    use futures::FutureExt;

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
