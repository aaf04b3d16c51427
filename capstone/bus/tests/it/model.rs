//! Random steps against a model: subscriptions of all kinds, on patterns that overlap, who come and go while several publish.
//!
//! What is tried is that nobody can tell how a message got there: by a log that many follow, as one of a bunch that nobody else
//! gets, in a batch, or alone; nor when a subscription goes from one to the other.

use std::collections::VecDeque;

use capstone_bus::{
    Bus, Delivery, Message, Overflow, Pattern, Publisher, Subscription, SubscriptionStats, TryRecvError,
};
use fastrand::Rng;
use futures::FutureExt;

use crate::support::{block, topic};

/// What one subscription must see.
struct Expected {
    pattern: Pattern,
    capacity: usize,
    overflow: Overflow,
    is_choosy: bool,
    /// Numbers of the offers, and the payloads.
    queue: VecDeque<(u64, u32)>,
    offered: u64,
    dropped: u64,
    last_out: u64,
    /// What was in front of messages that the filter refused.
    missing: u64,
    is_open: bool,
}

impl Expected {
    fn wants(&self, topic: &str) -> bool {
        self.is_open && self.pattern.matches(&crate::support::topic(topic))
    }

    /// Says whether it has a place.
    fn offer(&mut self, payload: u32) -> bool {
        self.offered += 1;
        if self.queue.len() == self.capacity {
            self.dropped += 1;
            match self.overflow {
                Overflow::DropOldest => drop(self.queue.pop_front()),
                Overflow::Disconnect => {
                    self.is_open = false;
                    return false;
                }
                _ => return false,
            }
        }
        self.queue.push_back((self.offered, payload));
        true
    }

    fn is(&self, stats: &SubscriptionStats) -> bool {
        (stats.depth, stats.capacity, stats.dropped) == (self.queue.len(), self.capacity, self.dropped)
    }

    /// The next message that is wanted, with the gap in front of it.
    fn next(&mut self) -> Option<(u32, u64)> {
        loop {
            let (number, payload) = self.queue.pop_front()?;
            let gap = number - self.last_out - 1 + std::mem::take(&mut self.missing);
            self.last_out = number;
            if !self.is_choosy || is_wanted(payload) {
                return Some((payload, gap));
            }
            self.missing = gap;
        }
    }
}

fn is_wanted(payload: u32) -> bool {
    !payload.is_multiple_of(5)
}

fn seen(delivery: &Delivery) -> (u32, u64) {
    (number(delivery), delivery.gap())
}

fn number(message: &Message) -> u32 {
    String::from_utf8_lossy(&message.payload).parse().expect("a number")
}

/// A bus, its subscriptions beside what they must see, and publishers on three topics.
struct World {
    random: Rng,
    bus: Bus,
    subscriptions: Vec<(Subscription, Expected)>,
    publishers: Vec<(&'static str, Publisher)>,
    payload: u32,
    /// Deliveries that somebody keeps.
    kept: Vec<(Delivery, u32)>,
}

const TOPICS: [&str; 3] = ["t.a", "t.b", "u"];

impl World {
    fn new(seed: u64) -> Self {
        let bus = Bus::new();
        let publishers = ["t.a", "t.a", "t.b", "u"].map(|name| (name, bus.publisher(topic(name))));
        let (random, subscriptions) = (Rng::with_seed(seed), Vec::new());
        Self { random, bus, subscriptions, publishers: publishers.into(), payload: 0, kept: Vec::new() }
    }

    fn subscribe(&mut self) {
        let random = &mut self.random;
        let pattern = *random.choice(&["t.a", "t.*", "t.*", "t.>", ">"]).expect("some");
        let capacity = *random.choice(&[1, 3, 16, 20, 64, 100]).expect("some");
        let overflow = *random
            .choice(&[Overflow::DropNewest, Overflow::DropOldest, Overflow::Disconnect, block(0)])
            .expect("some");
        let is_choosy = random.u8(..4) == 0;
        let mut options = self.bus.subscription(pattern).capacity(capacity).overflow(overflow);
        if is_choosy {
            options = options.filter(|message| is_wanted(number(message)));
        }
        let expected = Expected {
            pattern: pattern.parse().expect("a pattern"),
            capacity,
            overflow,
            is_choosy,
            queue: VecDeque::new(),
            offered: 0,
            dropped: 0,
            last_out: 0,
            missing: 0,
            is_open: true,
        };
        self.subscriptions.push((options.open().expect("valid options"), expected));
    }

    /// What the model says of this message: how many match, and how many have a place.
    fn expect(&mut self, topic: &str) -> (u32, usize, usize) {
        self.payload += 1;
        let wants = self.subscriptions.iter_mut().map(|(_, expected)| expected);
        let offers: Vec<_> = wants
            .filter(|expected| expected.wants(topic))
            .map(|expected| expected.offer(self.payload))
            .collect();
        (self.payload, offers.len(), offers.iter().filter(|enqueued| **enqueued).count())
    }

    fn publish(&mut self, messages: usize) {
        let at = self.random.usize(..self.publishers.len());
        let name = self.publishers[at].0;
        for _ in 0..messages {
            let (payload, matched, enqueued) = self.expect(name);
            let publisher = &mut self.publishers[at].1;
            // Nobody waits, so that the first poll is the last, too.
            let receipt = match payload % 3 {
                0 => publisher.try_publish(payload.to_string()),
                _ => publisher.publish(payload.to_string()).now_or_never().expect("nobody waits"),
            };
            let receipt = receipt.expect("the bus is open");
            assert_eq!((receipt.matched, receipt.enqueued), (matched, enqueued), "of {payload}");
        }
    }

    fn publish_without_a_publisher(&mut self) {
        let name = *self.random.choice(&TOPICS).expect("some");
        let (payload, matched, enqueued) = self.expect(name);
        let message = Message::new(topic(name), payload.to_string());
        let receipt = self.bus.try_publish(message).expect("the bus is open");
        assert_eq!((receipt.matched, receipt.enqueued), (matched, enqueued), "of {payload}");
    }

    fn publish_together(&mut self, messages: usize) {
        let at = self.random.usize(..self.publishers.len());
        let name = self.publishers[at].0;
        let payloads: Vec<_> = (1..=messages as u32).map(|more| self.payload + more).collect();
        self.payload += messages as u32;
        let wants = self.subscriptions.iter_mut().map(|(_, expected)| expected);
        for expected in wants.filter(|expected| expected.wants(name)) {
            for payload in &payloads {
                // Of a batch, the rest counts that finds no place because of the first.
                if expected.is_open {
                    expected.offer(*payload);
                } else {
                    expected.dropped += 1;
                }
            }
        }
        let payloads = payloads.iter().map(u32::to_string);
        let published = self.publishers[at].1.publish_batch(payloads).now_or_never();
        let _ = published.expect("nobody waits").expect("the bus is open");
    }

    fn receive(&mut self, messages: usize) {
        if self.subscriptions.is_empty() {
            return;
        }
        let at = self.random.usize(..self.subscriptions.len());
        let (subscription, expected) = &mut self.subscriptions[at];
        match self.random.u8(..4) {
            // It may take what its filter refuses, and leave what comes behind that.
            0 if !expected.is_choosy => {
                let mut buffer = Vec::new();
                subscription.recv_many(&mut buffer, messages).now_or_never();
                buffer.iter().for_each(|delivery| assert_eq!(Some(seen(delivery)), expected.next()));
            }
            1 => {
                let Some(Some(together)) = subscription.recv_batch().now_or_never() else {
                    assert_eq!(expected.next(), None);
                    return;
                };
                for (at, message) in together.iter().enumerate() {
                    let gap = if at == 0 { together.gap() } else { 0 };
                    assert_eq!(Some((number(message), gap)), expected.next());
                }
            }
            _ => {
                for _ in 0..messages {
                    let delivery = match subscription.try_recv() {
                        Ok(delivery) => delivery,
                        Err(error) => {
                            assert_eq!(expected.next(), None, "{error}");
                            assert_eq!(error == TryRecvError::Closed, !expected.is_open);
                            return;
                        }
                    };
                    assert_eq!(Some(seen(&delivery)), expected.next());
                    if self.random.u8(..8) == 0 {
                        self.kept.push((delivery.clone(), number(&delivery)));
                    }
                }
            }
        }
    }

    fn step(&mut self) {
        let some = self.random.usize(1..40);
        match self.random.u8(..20) {
            0 if self.subscriptions.len() < 6 => self.subscribe(),
            1 if !self.subscriptions.is_empty() => {
                drop(self.subscriptions.swap_remove(self.random.usize(..self.subscriptions.len())));
            }
            2 => self.publish_without_a_publisher(),
            3 => self.publish_together(some),
            4 => {
                let at = self.random.usize(..self.publishers.len());
                self.publishers[at].1 = self.publishers[at].1.clone();
            }
            5 => self.kept.clear(),
            6..=11 => self.publish(some),
            _ => self.receive(some),
        }
        self.compare();
    }

    fn compare(&self) {
        let mut stats = self.bus.stats().subscriptions;
        for (subscription, expected) in &self.subscriptions {
            assert_eq!(subscription.dropped(), expected.dropped);
            let at = stats.iter().position(|stats| expected.is(stats));
            let none = || panic!("none has {} of {}: {stats:?}", expected.queue.len(), expected.capacity);
            let at = at.unwrap_or_else(none);
            stats.swap_remove(at);
        }
        self.kept.iter().for_each(|(delivery, payload)| assert_eq!(number(delivery), *payload));
    }
}

#[test]
fn nobody_can_tell_how_a_message_got_there() {
    for seed in 0..300 {
        let mut world = World::new(seed);
        (0..3).for_each(|_| world.subscribe());
        for step in 0..300 {
            let tried = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| world.step()));
            assert!(tried.is_ok(), "seed {seed}, step {step}");
        }
        assert_eq!(world.bus.stats().published, u64::from(world.payload));
    }
}
