//! [`Script`]: what is said to a server, and what of the answers counts.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::wire::support::NEVER;

const PONG: &[u8] = b"PONG\r\n";
/// What clients say that want no `+OK`.
const CONNECT: &str = r#"{"verbose":false,"pedantic":false,"headers":true,"no_responders":true}"#;

/// Lines that up to two clients say in turn.
///
/// Behind each step a `PING` follows, and all that was heard before its `PONG` counts, of this client. What the other hears
/// it tells at its next step.
pub(super) struct Script {
    name: &'static str,
    connect: Option<&'static str>,
    steps: Vec<Step>,
    differs: Option<Difference>,
}

struct Step {
    client: usize,
    says: Vec<u8>,
    /// The server is to end the connection.
    is_last: bool,
}

struct Difference {
    why: &'static str,
    ours: &'static str,
}

impl Script {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, connect: Some(CONNECT), steps: Vec::new(), differs: None }
    }

    /// The first client says this in its `CONNECT`.
    pub(super) fn connect(mut self, options: &'static str) -> Self {
        self.connect = Some(options);
        self
    }

    /// The first client says nothing before its first step.
    pub(super) fn unconnected(mut self) -> Self {
        self.connect = None;
        self
    }

    pub(super) fn says(self, text: impl AsRef<[u8]>) -> Self {
        self.step(0, text.as_ref(), false)
    }

    /// The second client says.
    pub(super) fn other(self, text: impl AsRef<[u8]>) -> Self {
        self.step(1, text.as_ref(), false)
    }

    /// The last words of the first client: the server ends the connection.
    pub(super) fn ends(self, text: impl AsRef<[u8]>) -> Self {
        self.step(0, text.as_ref(), true)
    }

    fn step(mut self, client: usize, says: &[u8], is_last: bool) -> Self {
        self.steps.push(Step { client, says: says.to_vec(), is_last });
        self
    }

    /// The listener answers like this in all, and not like nats-server.
    pub(super) fn differs(mut self, why: &'static str, ours: &'static str) -> Self {
        self.differs = Some(Difference { why, ours });
        self
    }

    /// What was heard at each step.
    pub(super) async fn run(&self, address: SocketAddr) -> Vec<String> {
        let mut clients = [Speaker::connect(address).await, Speaker::connect(address).await];
        for (client, options) in clients.iter_mut().zip([self.connect, Some(CONNECT)]) {
            if let Some(options) = options {
                client.asks(format!("CONNECT {options}\r\n").as_bytes()).await;
            }
        }
        let mut heard = Vec::new();
        for Step { client, says, is_last } in &self.steps {
            let client = &mut clients[*client];
            heard.push(if *is_last { client.ends(says).await } else { client.asks(says).await });
        }
        // Gone before the next script begins: a connection that was closed is still there for a moment.
        let all: String = (1..=9).map(|sid| format!("UNSUB {sid}\r\n")).collect();
        for client in &mut clients {
            client.asks(all.as_bytes()).await;
        }
        heard
    }

    /// What is wrong with these answers, if anything is.
    pub(super) fn fault(&self, theirs: &[String], ours: &[String]) -> Option<String> {
        let fault = match &self.differs {
            None if theirs == ours => return None,
            None => "they differ".to_owned(),
            Some(Difference { why, .. }) if theirs == ours => format!("no difference, although {why}"),
            Some(Difference { ours: expected, .. }) if ours.concat() == *expected => return None,
            Some(Difference { ours: expected, .. }) => format!("another answer than {expected}"),
        };
        Some(format!("{}: {fault}\n  nats-server{}\n  ours{}", self.name, shown(theirs), shown(ours)))
    }
}

/// A client that says and hears bytes, and survives its end.
pub(super) struct Speaker {
    pub(super) socket: TcpStream,
    pub(super) info: String,
}

impl Speaker {
    pub(super) async fn connect(address: SocketAddr) -> Self {
        let mut speaker =
            Self { socket: TcpStream::connect(address).await.expect("it listens"), info: String::new() };
        while !speaker.info.ends_with("\r\n") {
            let byte = timeout(NEVER, speaker.socket.read_u8()).await.expect("an INFO").expect("an INFO");
            speaker.info.push(char::from(byte));
        }
        speaker
    }

    /// Says this and a `PING`, and hears what comes before the answer to it.
    async fn asks(&mut self, text: &[u8]) -> String {
        let is_ping = |line: &&[u8]| line.get(..4).is_some_and(|verb| verb.eq_ignore_ascii_case(b"PING"));
        let asked = text.split(|byte| *byte == b'\n').filter(is_ping).count() + 1;
        self.say(&[text, b"PING\r\n"].concat()).await;
        self.hears(Some(asked)).await
    }

    /// Says this, and hears everything until the end.
    async fn ends(&mut self, text: &[u8]) -> String {
        self.say(text).await;
        self.hears(None).await
    }

    async fn say(&mut self, text: &[u8]) {
        // Whether the server is still there is heard.
        let _ = self.socket.write_all(text).await;
    }

    /// Up to so many `PONG`s, of which the last does not count, or to the end.
    async fn hears(&mut self, pongs: Option<usize>) -> String {
        let (mut heard, mut chunk) = (Vec::new(), [0; 4096]);
        loop {
            let told = without_info(&heard);
            if heard.ends_with(b"\n") && told.ends_with(PONG) && pongs == Some(count(&told, PONG)) {
                return told[..told.len() - PONG.len()].escape_ascii().to_string();
            }
            match timeout(NEVER, self.socket.read(&mut chunk)).await {
                Ok(Ok(count @ 1..)) => heard.extend_from_slice(&chunk[..count]),
                Ok(_) => return format!("{}<closed>", told.escape_ascii()),
                Err(_elapsed) => return format!("{}<silence>", told.escape_ascii()),
            }
        }
    }
}

fn count(text: &[u8], part: &[u8]) -> usize {
    text.windows(part.len()).filter(|window| *window == part).count()
}

/// nats-server sends another one after the first `PING`, which no client needs.
fn without_info(heard: &[u8]) -> Vec<u8> {
    let lines = heard.split_inclusive(|byte| *byte == b'\n').filter(|line| !line.starts_with(b"INFO "));
    lines.collect::<Vec<_>>().concat()
}

/// Short enough for a person.
fn shown(heard: &[String]) -> String {
    heard.iter().map(|heard| format!("\n    {heard:.300}")).collect()
}
