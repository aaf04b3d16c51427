//! The subscription table as it grows: nanoseconds a publish, and bytes a subscription.

use capstone_bus::{Bus, Overflow, Subscription, Topic};
use tokio::time::Instant;

use crate::peers::PAYLOAD;

/// A bus with so many subscriptions, each of its own topic.
pub struct Table {
    bus: Bus,
    topics: Vec<Topic>,
    _subscriptions: Vec<Subscription>,
}

impl Table {
    pub fn new(subscriptions: usize) -> Self {
        let bus = Bus::builder().capacity(1).overflow(Overflow::DropOldest).build();
        let topics: Vec<_> = (0..subscriptions)
            .map(|i| Topic::new(format!("plant{}.sensor{i}.heat", i % 7)).expect("a topic"))
            .collect();
        let subscribe = |topic: &Topic| bus.subscribe(topic.clone()).expect("a pattern");
        let subscriptions = topics.iter().map(subscribe).collect();
        Self { bus, topics, _subscriptions: subscriptions }
    }

    /// A publish through a handle that knows its match.
    pub fn remembered_ns(&self) -> f64 {
        const PUBLISHES: usize = 200_000;
        let mut publisher = self.bus.publisher(self.topics[0].clone());
        let since = Instant::now();
        for _ in 0..PUBLISHES {
            let _ = publisher.try_publish(PAYLOAD).expect("the bus is open");
        }
        since.elapsed().as_nanos() as f64 / PUBLISHES as f64
    }

    /// The first publish of a new handle, on one of a hundred topics from all over the table.
    pub fn first_ns(&self) -> f64 {
        const PUBLISHES: usize = 100_000;
        let step = (self.topics.len() / 100).max(1);
        let topics: Vec<_> = self.topics.iter().step_by(step).take(100).collect();
        let since = Instant::now();
        for i in 0..PUBLISHES {
            let mut publisher = self.bus.publisher(topics[i % topics.len()].clone());
            let _ = publisher.try_publish(PAYLOAD).expect("the bus is open");
        }
        since.elapsed().as_nanos() as f64 / PUBLISHES as f64
    }
}

/// Resident memory that a subscription takes which never had a message: its mailbox, and its place in the table.
pub fn idle_bytes() -> f64 {
    const SUBSCRIPTIONS: usize = 100_000;
    let bus = Bus::new();
    let before = resident_bytes();
    let subscriptions: Vec<_> = (0..SUBSCRIPTIONS)
        .map(|i| bus.subscribe(format!("plant{}.sensor{i}.heat", i % 7)).expect("a pattern"))
        .collect();
    let after = resident_bytes();
    drop(subscriptions);
    (after - before) / SUBSCRIPTIONS as f64
}

fn resident_bytes() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0 kB");
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(0.0) * 1024.0
}
