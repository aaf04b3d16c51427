//! The server's end of a connection: it answers each request as soon as it can, in whatever order.

use std::io;
use std::time::Duration;

use shared::Journal;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, BufReader, split};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::bus::SLOTS;
use crate::client::{Client, parse, write_lines};
use crate::prices::look_up;

/// How many requests of a connection the server works on at once.
const AT_ONCE: usize = 100;

/// Answers the requests of one connection, each as soon as it can. Returns when the client has closed it.
///
/// # Errors
/// The connection fails, or a line is no request.
// ANCHOR: serve
pub async fn serve(io: impl AsyncRead + AsyncWrite) -> io::Result<()> {
    let (read, write) = split(io);
    let (answers, outgoing) = mpsc::channel(SLOTS);
    let reading = async move {
        let (mut lines, mut working) = (BufReader::new(read).lines(), JoinSet::new());
        while let Some(line) = lines.next_line().await? {
            if working.len() == AT_ONCE {
                working.join_next().await; // one has to end before the next begins
            }
            let (answers, (id, article)) = (answers.clone(), parse(&line)?);
            let article = article.to_owned();
            working
                .spawn(async move { answers.send(format!("{id} {}", look_up(&article).await)).await.ok() });
        }
        working.join_all().await;
        Ok(()) // `answers` is dropped, and the writer ends
    };
    tokio::try_join!(reading, write_lines(write, outgoing)).map(drop)
}
// ANCHOR_END: serve

/// Two requests at once over TCP, on this machine.
///
/// # Errors
/// No connection can be made.
pub async fn over_tcp(journal: Journal) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(async move { serve(listener.accept().await?.0).await });
    let client = Client::connect(TcpStream::connect(address).await?, journal.clone());
    two_at_once(&client, &journal).await;
    drop(client);
    server.await?
}

/// Asks for a lamp and a sofa at the same time.
// ANCHOR: two-at-once
pub async fn two_at_once(client: &Client, journal: &Journal) {
    let ask = async |article: &'static str| {
        let answer = client.ask(article, Duration::from_secs(1)).await;
        journal.log(article, answer.map_or("no answer".to_owned(), |price| format!("costs {price}")));
    };
    tokio::join!(ask("lamp"), ask("sofa"));
}
// ANCHOR_END: two-at-once
