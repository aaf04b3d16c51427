//! The status page of `serve`: a page for people, `/status.json`, `/metrics` and `/healthz` for machines. It only shows.
//!
//! One request a connection, each bounded in time: whoever is slow holds a place for seconds, and there are enough places.

mod answer;
mod board;
mod gate;
mod html;
mod metrics;
mod snapshot;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, ensure};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

pub use board::{Board, Look};
use gate::Gate;

/// Connections at a time; more wait in the operating system's queue until one has ended.
const CONNECTIONS_MAX: usize = 64;
/// All of a request's headers; hyper's smallest.
const HEADERS_MAX: usize = 8 << 10;
/// To send the headers, and for all of a request and its answer.
const HEADERS_WITHIN: Duration = Duration::from_secs(2);
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// What a stop waits for answers under way.
const DRAIN_WITHIN: Duration = Duration::from_secs(2);
/// After an accept that failed: descriptors may have run out.
const REST: Duration = Duration::from_millis(100);

/// An open port, and what is shown there.
pub struct Page {
    socket: TcpListener,
    address: SocketAddr,
    shown: Arc<Shown>,
}

struct Shown {
    board: Board,
    gate: Gate,
}

impl Page {
    /// Opens the port.
    ///
    /// # Errors
    /// The port is taken, or other machines can reach it and there is no token.
    ///
    /// # Cancel safety
    /// Dropped, it has opened nothing.
    pub async fn bind(address: SocketAddr, token: Option<&str>, board: Board) -> anyhow::Result<Self> {
        let is_safe = address.ip().is_loopback() || token.is_some();
        ensure!(
            is_safe,
            "the status page on {address} can be reached by other machines: set CAPSTONE_HTTP_TOKEN"
        );
        let socket = TcpListener::bind(address).await;
        let socket = socket.with_context(|| format!("the status page on {address}: see --http"))?;
        let address = socket.local_addr()?;
        Ok(Self { socket, address, shown: Arc::new(Shown { board, gate: Gate::new(token) }) })
    }

    /// Where it is; the port is the real one, also if 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `shutdown` is ready, then finishes what is under way. All of its tasks have ended when it returns.
    ///
    /// # Cancel safety
    /// Dropping it closes the port and every connection at once.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let mut connections = JoinSet::new();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            let has_place = connections.len() < CONNECTIONS_MAX;
            // All are cancel safe: what was not accepted or not joined stays where it is; a rest that is dropped is over.
            tokio::select! {
                () = &mut shutdown => break,
                Some(ended) = connections.join_next(), if !connections.is_empty() => told(ended),
                socket = accept(&self.socket), if has_place => {
                    connections.spawn(serve(socket, Arc::clone(&self.shown)));
                }
            }
        }
        drop(self.socket);
        // Whoever is still there then has waited long enough.
        let _ = timeout(DRAIN_WITHIN, async {
            while let Some(ended) = connections.join_next().await {
                told(ended);
            }
        })
        .await;
        connections.shutdown().await;
    }
}

async fn accept(socket: &TcpListener) -> TcpStream {
    loop {
        match socket.accept().await {
            Ok((socket, _peer)) => return socket,
            Err(error) => {
                tracing::warn!("the status page cannot accept a connection, trying again: {error}");
                sleep(REST).await;
            }
        }
    }
}

async fn serve(socket: TcpStream, shown: Arc<Shown>) {
    let answer = service_fn(|request| {
        let shown = Arc::clone(&shown);
        async move { Ok::<_, Infallible>(answer::to(&request, &shown.gate, &shown.board).await) }
    });
    let connection = http1::Builder::new()
        .keep_alive(false)
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(HEADERS_MAX)
        .serve_connection(TokioIo::new(socket), answer);
    match timeout(ANSWER_WITHIN, connection).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!("a connection to the status page: {error}"),
        Err(_elapsed) => tracing::debug!("a connection to the status page took too long"),
    }
}

fn told(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!("an answer of the status page has failed: {error}");
    }
}
