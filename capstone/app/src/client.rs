//! [`Client`]: as much of a NATS client as the commands need, for our own server and any other.
//!
//! It does not connect again, and knows no TLS: an application takes a client library of its language.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use bytes::{Buf, Bytes, BytesMut};
use capstone_bus::Headers;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::cli;
use crate::server::Token;

/// Connecting, or the answer to a command, takes no longer.
const PATIENCE: Duration = Duration::from_secs(5);
/// What a server may send in one piece; nats-server's own limit is never above this.
const MESSAGE_MAX: usize = 64 << 20;
const LINE_MAX: usize = 64 << 10;

/// A connection to a server.
#[derive(Debug)]
pub struct Client {
    socket: TcpStream,
    buffer: BytesMut,
    /// Messages that came while an answer was awaited.
    early: VecDeque<Received>,
}

/// A message as it came.
#[derive(Debug)]
pub struct Received {
    /// Where it was published.
    pub topic: String,
    /// Its headers.
    pub headers: Headers,
    /// The server's own word in place of a message: 503 when nobody is there to reply.
    pub status: Option<String>,
    /// Its payload.
    pub payload: Bytes,
}

/// What a server says.
#[derive(Debug)]
enum Said {
    Message(Received),
    Pong,
    Other,
}

impl Client {
    /// Connects and says who we are.
    ///
    /// # Errors
    /// Nobody listens, or the server does not want us; no secret is in a text.
    pub async fn connect(options: &cli::Client) -> anyhow::Result<Self> {
        let server = &options.server;
        let greeted = timeout(PATIENCE, Self::greet(options)).await;
        greeted.with_context(|| format!("{server}: no answer in time"))?.with_context(|| server.to_string())
    }

    async fn greet(options: &cli::Client) -> anyhow::Result<Self> {
        let socket = TcpStream::connect(&options.server.address).await?;
        socket.set_nodelay(true)?;
        let mut client = Self { socket, buffer: BytesMut::new(), early: VecDeque::new() };
        let info = client.line().await?;
        let info = info.strip_prefix("INFO ").context("this is no NATS server")?;
        let info: serde_json::Value = serde_json::from_str(info).context("this is no NATS server")?;
        ensure!(info["tls_required"] != true, "the server wants TLS, which is not supported");
        let connect = json!({
            "verbose": false, "pedantic": false, "headers": true, "no_responders": true, "protocol": 1,
            "name": "capstone", "lang": "rust", "version": env!("CARGO_PKG_VERSION"),
            "user": options.user, "pass": options.password.as_ref().map(Token::reveal),
            "auth_token": options.token.as_ref().filter(|_| options.user.is_none()).map(Token::reveal),
        });
        client.say(format!("CONNECT {connect}\r\n").as_bytes()).await?;
        client.settle().await?;
        Ok(client)
    }

    /// Publishes; [`settle`](Self::settle) says whether the server took it.
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn publish(&mut self, topic: &str, reply: &str, payload: &[u8]) -> anyhow::Result<()> {
        let line = format!("PUB {topic} {reply} {}\r\n", payload.len());
        self.say(&[line.as_bytes(), payload, b"\r\n"].concat()).await
    }

    /// Subscribes; [`settle`](Self::settle) says whether the server took it.
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn subscribe(&mut self, pattern: &str, queue: Option<&str>) -> anyhow::Result<()> {
        self.say(format!("SUB {pattern} {} 1\r\n", queue.unwrap_or_default()).as_bytes()).await
    }

    /// Ends the subscription: now, or as soon as it has brought this many messages. What the server has sent
    /// before still comes: [`settle`](Self::settle), then [`take_early`](Self::take_early).
    ///
    /// # Errors
    /// The connection is lost.
    pub async fn unsubscribe(&mut self, after: Option<u64>) -> anyhow::Result<()> {
        let after = after.map(|count| format!(" {count}")).unwrap_or_default();
        self.say(format!("UNSUB 1{after}\r\n").as_bytes()).await
    }

    /// Waits until the server has carried out everything so far.
    ///
    /// # Errors
    /// The server has refused something, or the connection is lost.
    pub async fn settle(&mut self) -> anyhow::Result<()> {
        self.say(b"PING\r\n").await?;
        let pong = async {
            loop {
                match self.hear().await? {
                    Said::Pong => return anyhow::Ok(()),
                    Said::Message(message) => self.early.push_back(message),
                    Said::Other => {}
                }
            }
        };
        timeout(PATIENCE, pong).await.context("no answer in time")?
    }

    /// The next message.
    ///
    /// # Errors
    /// The server has refused something, or the connection is lost.
    ///
    /// # Cancel safety
    /// Takes a message out of its buffer only when it returns it.
    pub async fn next(&mut self) -> anyhow::Result<Received> {
        if let Some(message) = self.take_early() {
            return Ok(message);
        }
        loop {
            if let Said::Message(message) = self.hear().await? {
                return Ok(message);
            }
        }
    }

    /// A message that came while an answer was awaited, the oldest first.
    pub fn take_early(&mut self) -> Option<Received> {
        self.early.pop_front()
    }

    async fn hear(&mut self) -> anyhow::Result<Said> {
        loop {
            if let Some(said) = parse(&mut self.buffer)? {
                return Ok(said);
            }
            if self.buffer.starts_with(b"PING\r\n") {
                self.buffer.advance(b"PING\r\n".len());
                self.say(b"PONG\r\n").await?;
                continue;
            }
            self.read().await?;
        }
    }

    async fn line(&mut self) -> anyhow::Result<String> {
        loop {
            if let Some(end) = line_end(&self.buffer)? {
                let line = String::from_utf8(self.buffer[..end].to_vec())?;
                self.buffer.advance(end + 2);
                return Ok(line);
            }
            self.read().await?;
        }
    }

    async fn read(&mut self) -> anyhow::Result<()> {
        let count = self.socket.read_buf(&mut self.buffer).await?;
        ensure!(count > 0, "the server has closed the connection");
        Ok(())
    }

    async fn say(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        Ok(self.socket.write_all(bytes).await?)
    }
}

fn line_end(buffer: &[u8]) -> anyhow::Result<Option<usize>> {
    let end = buffer.windows(2).take(LINE_MAX).position(|pair| pair == b"\r\n");
    ensure!(end.is_some() || buffer.len() <= LINE_MAX, "the server sends a line without end");
    Ok(end)
}

/// Takes what the server said off the front; `None` until it is whole, and for a `PING`, which wants an answer.
fn parse(buffer: &mut BytesMut) -> anyhow::Result<Option<Said>> {
    let Some(end) = line_end(buffer)? else { return Ok(None) };
    let line = std::str::from_utf8(&buffer[..end])?.to_owned();
    let mut words = line.split_ascii_whitespace();
    let verb = words.next().unwrap_or_default();
    let words: Vec<&str> = words.collect();
    let (headers, total) = match (verb, &words[..]) {
        ("PING", []) => return Ok(None),
        ("MSG", [_, _, total] | [_, _, _, total]) => (0, total.parse()?),
        ("HMSG", [_, _, headers, total] | [_, _, _, headers, total]) => (headers.parse()?, total.parse()?),
        ("-ERR", _) => bail!("the server says: {}", line["-ERR".len()..].trim().trim_matches('\'')),
        ("PONG" | "+OK" | "INFO", _) => {
            buffer.advance(end + 2);
            return Ok(Some(if verb == "PONG" { Said::Pong } else { Said::Other }));
        }
        _ => bail!("the server says something else than the NATS protocol"),
    };
    ensure!(headers <= total && total <= MESSAGE_MAX, "the server announces {total} bytes");
    if buffer.len() < end + 2 + total + 2 {
        return Ok(None);
    }
    buffer.advance(end + 2);
    let block = buffer.split_to(headers);
    let payload = buffer.split_to(total - headers).freeze();
    buffer.advance(2);
    let headers = Headers::from_block(block.freeze());
    let status = status(&headers);
    Ok(Some(Said::Message(Received { topic: words[0].to_owned(), headers, status, payload })))
}

/// What a server may put behind the version.
fn status(headers: &Headers) -> Option<String> {
    let line = headers.block()?.split(|byte| *byte == b'\r').next()?;
    let status = String::from_utf8_lossy(line.strip_prefix(b"NATS/1.0")?).trim().to_owned();
    (!status.is_empty()).then_some(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_with_and_without_headers_however_they_are_cut() {
        let text = "INFO {}\r\nMSG a 1 2\r\nhi\r\nHMSG b 1 r 16 16\r\nNATS/1.0 503\r\n\r\n\r\nPONG\r\n";
        let (mut buffer, mut heard) = (BytesMut::new(), Vec::new());
        for byte in text.bytes() {
            buffer.extend_from_slice(&[byte]);
            while let Some(said) = parse(&mut buffer).unwrap() {
                heard.push(match said {
                    Said::Message(message) => format!("{} {:?}", message.topic, message.status),
                    other => format!("{other:?}"),
                });
            }
        }
        assert_eq!(heard, ["Other", "a None", "b Some(\"503\")", "Pong"]);
        for wrong in ["-ERR 'x'\r\n", "MSG a 1 99999999999\r\n", "HMSG a 1 9 5\r\n", "GET /\r\n"] {
            parse(&mut BytesMut::from(wrong)).unwrap_err();
        }
    }
}
