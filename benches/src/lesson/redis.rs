//! Redis Pub/Sub, where `redis-server` is on the path: a server of our own on a free port, and as little of its protocol as
//! two connections need.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use super::{Figures, Work};
use crate::peers::{Line, PAYLOAD, Publish, Receive};
use crate::results;
use crate::round::{latencies_us, runtime};

const MESSAGES: usize = 200_000;
/// Commands in one write, and how many the publisher may be ahead: far below the 32 MB at which the server drops a subscriber.
const BATCH: usize = 500;
const AHEAD_MAX: usize = 16_384;
const PATIENCE: Duration = Duration::from_secs(10);

/// A server that runs; killed when dropped.
pub struct Redis {
    process: Child,
    address: String,
    pub version: String,
}

impl Redis {
    /// `None` where it is not installed.
    pub fn start() -> Result<Option<Self>, String> {
        let version = results::program("redis-server");
        if version.is_empty() {
            return Ok(None);
        }
        // "Redis server v=7.0.15 sha=…"
        let version =
            version.split("v=").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or("?").to_owned();
        let port = free_port().map_err(|error| format!("a port for redis-server: {error}"))?;
        let process = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--appendonly", "no"])
            .stdout(Stdio::null())
            .spawn()
            .map_err(|error| format!("redis-server: {error}"))?;
        let redis = Self { process, address: format!("127.0.0.1:{port}"), version };
        runtime().block_on(redis.is_up())?;
        Ok(Some(redis))
    }

    async fn is_up(&self) -> Result<(), String> {
        let since = Instant::now();
        while TcpStream::connect(&self.address).await.is_err() {
            if since.elapsed() > PATIENCE {
                return Err("redis-server does not listen".into());
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    pub(super) fn measure(&self, figures: &mut Figures) {
        let took = runtime().block_on(self.deliver());
        figures.add(Work::TwoThreads, MESSAGES as f64 / took.as_secs_f64() / 1e6);
        figures.add_latencies(latencies_us(async || self.line().await));
    }

    async fn line(&self) -> Line<RedisPublisher, RedisSubscriber> {
        let publisher = RedisPublisher(Connection::open(&self.address).await);
        Line {
            publishers: vec![publisher],
            receivers: vec![RedisSubscriber(Connection::subscribed(&self.address).await)],
        }
    }

    /// Publishes in batches; the replies to `PUBLISH` are read and counted too, as a client would.
    async fn deliver(&self) -> Duration {
        let mut publisher = Connection::open(&self.address).await;
        let mut subscriber = Connection::subscribed(&self.address).await;
        let batch = publish().repeat(BATCH);
        let since = Instant::now();
        let (mut sent, mut received) = (0, 0);
        while received < MESSAGES {
            if sent < MESSAGES && sent - received <= AHEAD_MAX {
                publisher.socket.write_all(&batch).await.expect("a connection");
                publisher.replies(BATCH).await;
                sent += BATCH;
            }
            let all_or_some = if sent < MESSAGES { 1 } else { MESSAGES - received };
            received += subscriber.messages(all_or_some).await;
        }
        assert_eq!(received, MESSAGES, "nothing arrives twice");
        since.elapsed()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn publish() -> Vec<u8> {
    let head = format!("*3\r\n$7\r\nPUBLISH\r\n$5\r\nbench\r\n${}\r\n", PAYLOAD.len());
    [head.as_bytes(), &PAYLOAD, b"\r\n"].concat()
}

struct Connection {
    socket: TcpStream,
    buffer: Vec<u8>,
    /// Of a message that is not complete yet.
    bytes: usize,
}

impl Connection {
    async fn open(address: &str) -> Self {
        let socket = TcpStream::connect(address).await.expect("a server that listens");
        socket.set_nodelay(true).expect("a socket");
        Self { socket, buffer: vec![0; 64 * 1_024], bytes: 0 }
    }

    async fn subscribed(address: &str) -> Self {
        let mut connection = Self::open(address).await;
        connection.socket.write_all(b"SUBSCRIBE bench\r\n").await.expect("a connection");
        let read = connection.read().await;
        assert!(connection.buffer[..read].ends_with(b":1\r\n"), "subscribed to one channel");
        connection
    }

    async fn read(&mut self) -> usize {
        let read = timeout(PATIENCE, self.socket.read(&mut self.buffer)).await;
        let read = read.expect("all that is sent arrives").expect("a connection");
        assert!(read > 0, "the server has closed the connection");
        read
    }

    /// `PUBLISH` is answered with `:1`, the number of subscribers.
    async fn replies(&mut self, count: usize) {
        let mut bytes = 0;
        while bytes < count * b":1\r\n".len() {
            bytes += self.read().await;
        }
        assert_eq!(bytes, count * b":1\r\n".len(), "one subscriber got each");
    }

    /// Reads until so many have come, or more. All are equally long.
    async fn messages(&mut self, at_least: usize) -> usize {
        let head = format!("*3\r\n$7\r\nmessage\r\n$5\r\nbench\r\n${}\r\n", PAYLOAD.len());
        let each = head.len() + PAYLOAD.len() + b"\r\n".len();
        while self.bytes < at_least * each {
            self.bytes += self.read().await;
        }
        let count = self.bytes / each;
        self.bytes %= each;
        count
    }
}

struct RedisPublisher(Connection);

impl Publish for RedisPublisher {
    async fn publish(&mut self) {
        self.0.socket.write_all(&publish()).await.expect("a connection");
    }
}

struct RedisSubscriber(Connection);

impl Receive for RedisSubscriber {
    async fn receive(&mut self) -> usize {
        self.0.messages(1).await
    }
}
