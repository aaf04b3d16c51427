//! A TCP server that serves a bounded number of clients. The others wait in the backlog of the kernel.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use shared::Journal;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long the server pauses after an error of `accept`. Often the error is that too many files are open.
pub const PAUSE: Duration = Duration::from_millis(100);

/// Serves at most `limit` clients at the same time, until it is told to stop. Then waits for those being served.
// ANCHOR: serve
pub async fn serve(listener: TcpListener, limit: usize, stop: CancellationToken, journal: Journal) {
    let permits = Arc::new(Semaphore::new(limit));
    let clients = TaskTracker::new();
    let mut number = 0;
    loop {
        let next = next_client(&permits, || listener.accept());
        let Some((permit, client)) = stop.run_until_cancelled(next).await else { break };
        number += 1;
        journal.log("server", format_args!("accepts client {number}"));
        let journal = journal.clone();
        clients.spawn(async move {
            if let Err(error) = serve_one(client, number, &journal).await {
                journal.log("server", format_args!("loses client {number}: {error}"));
            }
            drop(permit); // the connection is closed, so the slot is free
        });
    }
    drop(listener); // closes the port, and the connections that are still in the backlog
    clients.close();
    clients.wait().await;
}
// ANCHOR_END: serve

/// Waits for a slot, and only then for a client.
///
/// Cancel safe, as `accept` is: if it is dropped, the slot is free again, and no connection has been accepted.
// ANCHOR: next-client
pub async fn next_client<C, F>(
    permits: &Arc<Semaphore>,
    mut accept: impl FnMut() -> F,
) -> (OwnedSemaphorePermit, C)
where
    F: Future<Output = io::Result<(C, SocketAddr)>>,
{
    let permit = Arc::clone(permits).acquire_owned().await.expect("it is never closed");
    loop {
        match accept().await {
            Ok((client, _address)) => return (permit, client),
            Err(_error) => sleep(PAUSE).await, // it says nothing about the next client, so the server goes on
        }
    }
}
// ANCHOR_END: next-client

/// Greets the client, takes one order from it, and closes the connection.
async fn serve_one(mut client: TcpStream, number: u32, journal: &Journal) -> io::Result<()> {
    greet(&mut client).await?;
    take_order(&mut client, number, journal).await
}

pub(crate) async fn greet(client: &mut TcpStream) -> io::Result<()> {
    client.write_all(b"welcome\n").await
}

pub(crate) async fn take_order(client: &mut TcpStream, number: u32, journal: &Journal) -> io::Result<()> {
    let mut order = String::new();
    if BufReader::new(&mut *client).read_line(&mut order).await? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    journal.log("server", format_args!("takes {} from client {number}", order.trim_end()));
    client.write_all(b"confirmed\n").await
}
