//! Slow receivers, to the millisecond: pipes in place of sockets, and a clock that stands still while anybody works.

use std::net::Ipv4Addr;

use tokio::io::{DuplexStream, ReadHalf, WriteHalf, duplex, split};
use tokio::task::JoinHandle;

use super::super::Limits;
use super::super::codec::encode::Info;
use super::super::door::Door;
use super::super::monitor::Counters;
use super::super::pool::Pool;
use super::super::serving::Secrecy;
use super::*;
use crate::{Bus, Message, Topic};

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

struct House {
    serving: Arc<Serving>,
    door: Door,
}

/// A client by its end of the pipe.
struct Client {
    reader: ReadHalf<DuplexStream>,
    writer: WriteHalf<DuplexStream>,
    ends: JoinHandle<End>,
}

impl House {
    fn new(change: impl FnOnce(&mut Limits)) -> Self {
        let mut limits = Limits::default();
        change(&mut limits);
        let serving = Serving {
            bus: Bus::new(),
            limits,
            credentials: None,
            counters: Arc::new(Counters::new()),
            secrecy: Secrecy::None,
            #[cfg(feature = "wire-tls")]
            tls: None,
            pool: Arc::new(Pool::new(limits.pending_total_max)),
        };
        Self { serving: Arc::new(serving), door: Door::new(limits) }
    }

    async fn client(&mut self, number: u64) -> Client {
        let (here, there) = duplex(64 << 10);
        let peer = (Ipv4Addr::LOCALHOST, 1).into();
        let connection = Connection::new(Arc::clone(&self.serving), Origin(number), peer);
        let stranger = self.door.enter(Ipv4Addr::LOCALHOST.into(), 0).expect("room").stranger;
        let ends = tokio::spawn(async move {
            let _closed = CloseOnDrop(&connection.outbound);
            let (reader, writer) = split(there);
            connection.talk(&Info::default(), reader, writer, stranger, CancellationToken::new()).await
        });
        let (reader, writer) = split(here);
        let mut client = Client { reader, writer, ends };
        client.say("CONNECT {\"verbose\":false}\r\n").await;
        client.ping().await;
        client
    }

    fn publish(&self, payload: usize) {
        let topic = Topic::new("orders").expect("a topic");
        let receipt = self.serving.bus.try_publish(Message::new(topic, vec![0; payload])).expect("open");
        assert_eq!(receipt.enqueued, 1);
    }
}

impl Client {
    async fn say(&mut self, text: &str) {
        self.writer.write_all(text.as_bytes()).await.expect("the connection is open");
    }

    /// Says this and a `PING`, and how long it took until the answer was there.
    async fn round(&mut self, text: &str) -> Duration {
        let begin = Instant::now();
        self.say(text).await;
        self.ping().await;
        begin.elapsed()
    }

    /// Comes behind everything that this client has published.
    async fn ping(&mut self) {
        self.say("PING\r\n").await;
        let mut heard = [0; 6];
        self.reader.read_exact(&mut heard).await.expect("an answer");
        assert_eq!(&heard, b"PONG\r\n");
    }

    /// Takes so much every tenth of a second, until the connection ends: how much it was, how long it took, and the end.
    async fn takes(mut self, bytes_each: usize) -> (usize, Duration, End) {
        let (begin, mut taken, mut chunk) = (Instant::now(), 0, vec![0; bytes_each]);
        loop {
            match self.reader.read(&mut chunk).await.expect("a pipe has no faults") {
                0 => return (taken, begin.elapsed(), self.ends.await.expect("no panic")),
                count => taken += count,
            }
            time::sleep(ms(100)).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_costs_its_publisher_milliseconds_and_others_nothing() {
    let mut house = House::new(|limits| limits.pending_max = 4 << 20);
    let (mut slow, mut fast) = (house.client(1).await, house.client(2).await);
    let (mut publisher, mut other) = (house.client(3).await, house.client(4).await);
    slow.round("SUB orders 1\r\n").await;
    fast.round("SUB orders 1\r\n").await;
    let slow = tokio::spawn(slow.takes(6 << 10));
    let (payload, rounds) = ("x".repeat(64 << 10), 150);
    let publish = format!("PUB orders {}\r\n{payload}\r\n", payload.len());
    let hears = tokio::spawn(async move {
        let mut heard = vec![0; rounds * format!("MSG orders 1 {}\r\n{payload}\r\n", payload.len()).len()];
        fast.reader.read_exact(&mut heard).await
    });

    let mut longest = Duration::ZERO;
    for _ in 0..rounds {
        longest = longest.max(publisher.round(&publish).await);
        assert_eq!(other.round("PUB other 0\r\n\r\n").await, Duration::ZERO);
        time::sleep(ms(100)).await;
    }
    assert!((STALL..=STALL_MAX).contains(&longest), "{longest:?}");
    hears.await.expect("no panic").expect("everything");
    let (_, time, end) = slow.await.expect("no panic");
    assert!(matches!(end, End::Slow(Lag::Bytes)) && time < ms(10_000), "{end:?} after {time:?}");
}

#[tokio::test(start_paused = true)]
async fn commands_that_were_read_together_are_held_up_together() {
    let mut house = House::new(|limits| limits.pending_max = 4 << 20);
    let (mut stuck, mut publisher) = (house.client(1).await, house.client(2).await);
    stuck.round("SUB orders 1\r\n").await;
    house.publish(7 << 19);
    let many = "PUB orders 1\r\nx\r\n".repeat(200);
    assert_eq!(publisher.round(&many).await, STALL_MAX);
    assert_eq!(publisher.round("PUB orders 1\r\nx\r\n").await, STALL);
    assert_eq!(publisher.round("PUB nobody 1\r\nx\r\n").await, Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_reader_is_slow_by_its_rate_however_little_it_takes_at_a_time() {
    // 1.2 MB must be taken within 10 s: at 150 kB/s it is, at 100 kB/s not.
    for (bytes_each, is_slow) in [(15_000, false), (10_000, true)] {
        let mut house = House::new(|_| {});
        let mut client = house.client(1).await;
        client.round("SUB orders 1\r\n").await;
        house.publish(1_200_000);
        let takes = tokio::spawn(client.takes(bytes_each));
        time::sleep(ms(20_000)).await;
        let outbound_is_empty = house.serving.pool.is_unused();
        assert!(outbound_is_empty);
        assert_eq!(takes.is_finished(), is_slow, "{bytes_each}");
        if is_slow {
            let (taken, _, end) = takes.await.expect("no panic");
            assert!(matches!(end, End::Slow(Lag::Time)), "{end:?}");
            // What the pipe held is still there.
            assert!((1_000_000..1_100_000).contains(&taken), "{taken}");
        }
    }
}
