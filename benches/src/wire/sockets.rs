//! The work done with sockets and threads, and as little else as possible: whole batches are written, and only the bytes
//! of payloads are counted.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;
use std::time::Duration;

use tokio::time::Instant;

use super::{AHEAD_MAX, PAYLOAD, Received, Server, Spent};

const BATCH: u64 = 500;
const PATIENCE: Duration = Duration::from_secs(60);

pub fn deliver(server: &Server, subscribers: usize, messages: u64) -> Spent {
    assert!(messages.is_multiple_of(BATCH), "whole batches");
    let received = Received::by(subscribers);
    let connections: Vec<_> =
        (0..subscribers).map(|_| Connection::open(server, "SUB bench.wire 1")).collect();
    let mut publisher = Connection::open(server, "PING");
    let batch = publish("bench.wire").repeat(BATCH as usize);
    thread::scope(|scope| {
        let spent = server.measure();
        let each = connections.into_iter().zip(&received.0);
        let receive = |(mut connection, count): (Connection, _)| {
            scope.spawn(move || connection.receive(messages, count))
        };
        let receiving: Vec<_> = each.map(receive).collect();
        for sent in (0..messages).step_by(BATCH as usize) {
            while sent > received.slowest() + AHEAD_MAX {
                thread::park_timeout(Duration::from_micros(100));
            }
            publisher.send(&batch);
        }
        for receiver in receiving {
            receiver.join().expect("nothing is lost");
        }
        spent()
    })
}

pub fn ask(server: &Server, requests: usize) -> Vec<f64> {
    let mut asking = Connection::open(server, "SUB bench.answer 1");
    let mut answering = Connection::open(server, "SUB bench.ask 1");
    let (question, answer) = (publish("bench.ask bench.answer"), publish("bench.answer"));
    let mut round_trip = || {
        let since = Instant::now();
        asking.send(&question);
        asking.receive(1, &AtomicU64::new(0));
        since.elapsed().as_nanos() as f64 / 1e3
    };
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..requests {
                answering.receive(1, &AtomicU64::new(0));
                answering.send(&answer);
            }
        });
        (0..requests).map(|_| round_trip()).collect()
    })
}

/// The command that publishes one message.
fn publish(subject: &str) -> Vec<u8> {
    [format!("PUB {subject} {}\r\n", PAYLOAD.len()).as_bytes(), &PAYLOAD, b"\r\n"].concat()
}

struct Connection {
    socket: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Greets the server, sends the command, and awaits that it has been carried out.
    fn open(server: &Server, command: &str) -> Self {
        let socket = TcpStream::connect(&server.address).expect("a server that listens");
        socket.set_nodelay(true).expect("a socket");
        socket.set_read_timeout(Some(PATIENCE)).expect("a socket");
        let mut connection = Self { socket, buffer: vec![0; 256 * 1_024] };
        connection.send(format!("CONNECT {{\"verbose\":false}}\r\n{command}\r\nPING\r\n").as_bytes());
        let mut said = Vec::new();
        while !said.ends_with(b"PONG\r\n") {
            let read = connection.read();
            said.extend_from_slice(&connection.buffer[..read]);
        }
        connection
    }

    fn send(&mut self, commands: &[u8]) {
        self.socket.write_all(commands).expect("a connection");
    }

    fn read(&mut self) -> usize {
        let read = self.socket.read(&mut self.buffer).expect("all that is sent arrives");
        assert!(read > 0, "the server has closed the connection");
        read
    }

    /// Reads until so many messages have come, and keeps count: only payloads hold an `x`.
    fn receive(&mut self, messages: u64, count: &AtomicU64) {
        let (mut bytes, all) = (0, messages * PAYLOAD.len() as u64);
        while bytes < all {
            let read = self.read();
            bytes += self.buffer[..read].iter().filter(|byte| **byte == b'x').count() as u64;
            count.store(bytes / PAYLOAD.len() as u64, Relaxed);
        }
        assert_eq!(bytes, all, "nothing arrives twice");
    }
}
