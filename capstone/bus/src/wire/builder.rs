//! [`ListenerBuilder`]: the options of a listener.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::{TcpListener, TcpSocket, ToSocketAddrs};

use super::Limits;
use super::credentials::{Credentials, User};
use super::error::ListenError;
use super::listener::Listener;
use super::monitor::Counters;
use super::pool::Pool;
use super::serving::{Secrecy, Serving};
#[cfg(feature = "wire-tls")]
use super::tls::Tls;
use crate::Bus;

/// Connections that the operating system makes ahead of us. Those of a crowd that find no room here are in trouble: they
/// believe that they are connected, and are told nothing for seconds.
const BACKLOG: u32 = 4096;

/// Options of a listener; made by [`Listener::builder`].
#[derive(Debug)]
#[must_use = "does nothing until it is bound"]
pub struct ListenerBuilder {
    bus: Bus,
    limits: Limits,
    users: Vec<User>,
    #[cfg(feature = "wire-tls")]
    tls: Option<Tls>,
    open_to_all: bool,
}

impl ListenerBuilder {
    pub(super) fn new(bus: Bus) -> Self {
        Self {
            bus,
            limits: Limits::default(),
            users: Vec::new(),
            #[cfg(feature = "wire-tls")]
            tls: None,
            open_to_all: false,
        }
    }

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

    /// Encrypts all connections.
    #[cfg(feature = "wire-tls")]
    pub fn tls(mut self, tls: Tls) -> Self {
        self.tls = Some(tls);
        self
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
    /// See [`ListenError`]. An address that is not loopback needs a user, or certificates of clients, or
    /// [`open_to_all`](Self::open_to_all).
    ///
    /// # Cancel safety
    ///
    /// Dropped, it has opened nothing, or closes it again.
    pub async fn bind(self, address: impl ToSocketAddrs) -> Result<Listener, ListenError> {
        if let Some(fault) = self.limits.fault() {
            return Err(ListenError::Limits(fault));
        }
        let secrecy = self.secrecy();
        let credentials = if self.users.is_empty() { None } else { Some(Credentials::new(self.users)?) };
        let addresses: Vec<_> = tokio::net::lookup_host(address).await.map_err(ListenError::Bind)?.collect();
        // Before the port is open: not a single connection may come in.
        if let Some(public) = addresses.iter().find(|address| !address.ip().is_loopback()) {
            let is_open = credentials.is_none() && secrecy != Secrecy::Mutual;
            if is_open && !self.open_to_all {
                return Err(ListenError::Open(*public));
            }
            if secrecy == Secrecy::None {
                tracing::warn!(
                    "{public} can be reached from other machines, and what is said on the way is not encrypted"
                );
            }
        }
        let socket = listen(&addresses).map_err(ListenError::Bind)?;
        let address = socket.local_addr().map_err(ListenError::Bind)?;
        let serving = Serving {
            bus: self.bus,
            limits: self.limits,
            credentials,
            secrecy,
            #[cfg(feature = "wire-tls")]
            tls: self.tls,
            counters: Arc::new(Counters::new()),
            pool: Arc::new(Pool::new(self.limits.pending_total_max)),
        };
        Ok(Listener { socket, address, serving: Arc::new(serving) })
    }

    fn secrecy(&self) -> Secrecy {
        #[cfg(feature = "wire-tls")]
        if let Some(tls) = &self.tls {
            return if tls.verifies_clients() { Secrecy::Mutual } else { Secrecy::Encrypted };
        }
        Secrecy::None
    }
}

/// At the first of these that is free.
fn listen(addresses: &[SocketAddr]) -> io::Result<TcpListener> {
    let mut failed = io::Error::new(io::ErrorKind::InvalidInput, "no address");
    for address in addresses {
        match listen_at(*address) {
            Ok(listener) => return Ok(listener),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

fn listen_at(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // As `TcpListener::bind`: elsewhere it would let others take the port.
    #[cfg(not(windows))]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}
