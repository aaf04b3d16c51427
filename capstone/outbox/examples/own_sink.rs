//! A sink of one's own: each message is a POST to a webhook.
//!
//! `cargo run -p capstone-outbox --example own_sink` starts a small server too, posts a few messages to it, and shows what became
//! of them. What a sink has to get right is the classification of what failed: see `Webhook::publish`. What every sink promises is tested
//! by `capstone_outbox::testing::sink`.

use std::net::SocketAddr;
use std::sync::Arc;

use capstone_outbox::relay::Report;
use capstone_outbox::sqlite::{SqliteStore, enqueue_many};
use capstone_outbox::{Attempt, Envelope, Message, Relay, RelayConfig, Sink, SinkError};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// Posts to `http://ADDRESS/TOPIC`, with a connection for each message.
struct Webhook {
    address: SocketAddr,
}

// ANCHOR: sink
impl Sink for Webhook {
    // No timeout of its own: the relay drops this future at the attempt's deadline.
    async fn publish(&self, message: &Envelope, _attempt: Attempt) -> Result<(), SinkError> {
        let request = request(message)?;
        // Nobody is there: true for every message, so the relay pauses, and no attempt counts.
        let stream = TcpStream::connect(self.address).await;
        let mut stream =
            stream.map_err(|error| SinkError::Unavailable(format!("{}: {error}", self.address)))?;
        // Cut off in the middle: it may have arrived or not. It is sent again, with the same id.
        let answer = exchange(&mut stream, &request, &message.payload).await;
        let status = answer.map_err(|error| SinkError::Retryable(format!("{}: {error}", self.address)))?;
        match status {
            200..300 => Ok(()),
            // It is there, and takes nothing from anybody.
            503 => Err(SinkError::Unavailable("503: the server is out of service".into())),
            // Not now, for this message.
            408 | 425 | 429 | 500.. => Err(SinkError::Retryable(format!("the server said {status}"))),
            // Never, for this message.
            _ => Err(SinkError::Permanent(format!("the server said {status}"))),
        }
    }
}
// ANCHOR_END: sink

/// Rows may come from any program that can write to the database: what cannot be sent is refused here, for good.
fn request(message: &Envelope) -> Result<String, SinkError> {
    let (topic, key) = (&message.topic, message.key.as_deref().unwrap_or_default());
    if !topic.bytes().all(|byte| byte.is_ascii_graphic()) || key.contains(char::is_control) {
        return Err(SinkError::Permanent("its topic or key does not fit into a request".into()));
    }
    let (id, length) = (message.id, message.payload.len());
    Ok(format!(
        "POST /{topic} HTTP/1.1\r\nHost: webhook\r\nConnection: close\r\nContent-Length: {length}\r\n\
         Outbox-Id: {id}\r\nOutbox-Key: {key}\r\n\r\n"
    ))
}

/// The answer's status.
async fn exchange(stream: &mut TcpStream, request: &str, body: &[u8]) -> std::io::Result<u16> {
    stream.write_all(request.as_bytes()).await?;
    stream.write_all(body).await?;
    // Longer than any status line, so that no server can make us read for ever.
    let mut line = String::new();
    BufReader::new(stream.take(1_000)).read_line(&mut line).await?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok());
    status.ok_or_else(|| std::io::Error::other("no HTTP answer"))
}

/// What the server was sent, and what the relay says that it did.
pub(crate) struct Outcome {
    pub(crate) lines: Vec<String>,
    pub(crate) report: Report,
}

pub(crate) async fn run() -> Result<Outcome, Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let store = Arc::new(SqliteStore::open(folder.path().join("shop.db"))?);
    let message = |key: &str, payload: &str| -> Result<Message, Box<dyn std::error::Error>> {
        Ok(Message::new("orders.created".parse()?, payload.to_owned()).with_key(key)?)
    };
    let messages = [
        message("order-1", "1")?,
        message("order-2", "no number")?, // Refused for good: its key waits for an operator, and the others go on.
        message("order-1", "2")?,
        message("order-2", "3")?,
    ];
    store.transaction(move |tx| enqueue_many(tx, &messages).map(drop)).await?;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let sink = Arc::new(Webhook { address: listener.local_addr()? });
    let mut relay = Relay::new(store, sink, RelayConfig::default())?;
    let mut lines = Vec::new();
    // The server is dropped when the relay has nothing left to publish, and only then.
    let report = tokio::select! {
        report = relay.run_until_empty(std::future::pending()) => report?,
        error = serve(listener, &mut lines) => return Err(error.into()),
    };
    Ok(Outcome { lines, report })
}

/// Answers one request after another, until something is wrong: what is no number is refused, and 1 only taken the second time.
async fn serve(listener: TcpListener, lines: &mut Vec<String>) -> std::io::Error {
    loop {
        if let Err(error) = answer(&listener, lines).await {
            return error;
        }
    }
}

async fn answer(listener: &TcpListener, lines: &mut Vec<String>) -> std::io::Result<()> {
    let (stream, _) = listener.accept().await?;
    let mut stream = BufReader::new(stream);
    let (mut key, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        match line.trim_end().split_once(": ") {
            Some(("Outbox-Key", value)) => value.clone_into(&mut key),
            Some(("Content-Length", value)) => length = value.parse().unwrap_or(0),
            None if line.trim_end().is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let body = String::from_utf8_lossy(&body);
    let answer = match body.parse::<u32>() {
        Err(_) => "422 Unprocessable Content",
        Ok(1) if lines.iter().all(|line| !line.starts_with("order-1 1:")) => "500 Internal Server Error",
        Ok(_) => "204 No Content",
    };
    lines.push(format!("{key} {body}: {answer}"));
    stream.write_all(format!("HTTP/1.1 {answer}\r\n\r\n").as_bytes()).await
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let Outcome { lines, report } = run().await?;
    for line in lines {
        println!("{line}");
    }
    println!(
        "{} published, {} attempts failed, {} key parked",
        report.published, report.failed, report.parked
    );
    Ok(())
}
