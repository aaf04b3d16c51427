//! `capstone subscribe`: prints what is published on a pattern.

use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Write};

use anyhow::{Context, ensure};
use capstone_bus::Pattern;
use capstone_outbox::{Envelope, MessageId, Seq, json};

use crate::cli;
use crate::client::{Client, Received};
use crate::{Exit, stop};

/// Runs the command.
///
/// # Errors
/// The pattern or the group is none, the server cannot be reached or refuses it, or the connection is lost.
pub async fn run(options: cli::Subscribe) -> anyhow::Result<Exit> {
    let pattern = Pattern::new(options.pattern)?;
    let queue = options.queue.as_deref();
    let blank = |name: &str| name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control());
    ensure!(!queue.is_some_and(blank), "--queue: the name is empty or has blanks");
    let mut client = Client::connect(&options.client).await?;
    client.subscribe(pattern.as_str(), queue).await?;
    if options.count.is_some() {
        // A member of a group that has what it wanted must not be sent another's message.
        client.unsubscribe(options.count).await?;
    }
    client.settle().await.with_context(|| format!("subscribe to {pattern}"))?;
    let stop = stop::on_signals()?;
    say!("subscribed to {pattern}");
    let mut seen = 0;
    while options.count.is_none_or(|count| seen < count) {
        // Both are cancel safe.
        let message = tokio::select! {
            message = client.next() => message?,
            () = stop.cancelled() => {
                // What the server has sent us, it sends nobody else.
                client.unsubscribe(None).await?;
                client.settle().await?;
                break;
            }
        };
        seen += 1;
        if !print(message, seen, options.json)? {
            return Ok(Exit::Done);
        }
    }
    while let Some(message) = client.take_early() {
        seen += 1;
        if !print(message, seen, options.json)? {
            break;
        }
    }
    Ok(Exit::Done)
}

/// `false`: whoever read it has seen enough.
fn print(message: Received, number: u64, json: bool) -> anyhow::Result<bool> {
    let line = if json { as_json(message, number)? } else { as_text(&message) };
    match io::stdout().lock().write_all(&line) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        written => Ok(written.map(|()| true)?),
    }
}

fn as_text(message: &Received) -> Vec<u8> {
    [message.topic.as_bytes(), b"\t", &message.payload, b"\n"].concat()
}

/// The object that the sinks write too. What came out of an outbox has its `id`, `seq` and `key` in headers; any other
/// message gets a fresh id, and its number in this subscription.
fn as_json(message: Received, number: u64) -> anyhow::Result<Vec<u8>> {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in message.headers.iter() {
        let values = headers.entry(name.to_owned()).or_default();
        // A name that repeats, as HTTP does it.
        if !values.is_empty() {
            values.push_str(", ");
        }
        values.push_str(value);
    }
    let id = headers.remove("outbox-id").and_then(|id| id.parse().ok());
    let seq = headers.remove("outbox-seq").and_then(|seq| seq.parse().ok());
    let (seq, id) = (seq.unwrap_or_else(|| number.cast_signed()), id.unwrap_or_else(MessageId::generate));
    let mut envelope = Envelope::new(Seq(seq), id, message.topic, message.payload);
    envelope.key = headers.remove("outbox-key").map(Into::into);
    envelope.headers_json = serde_json::to_string(&headers)?;
    let mut line = Vec::new();
    json::write(&envelope, &mut line)?;
    Ok(line)
}
