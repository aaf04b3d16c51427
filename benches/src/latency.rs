//! From publish to receive while nothing else goes on: microseconds.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};

use capstone_bus::{Bus, Message};
use tokio::{sync::mpsc, time::Instant};

use crate::fan_out::{CAPACITY, PAYLOAD, runtime, topic};

const SAMPLES: usize = 400;

/// When the message under way was sent, and how long those before it took.
#[derive(Clone)]
struct Stopwatch {
    since: Instant,
    sent_ns: Arc<AtomicU64>,
}

impl Stopwatch {
    fn new() -> Self {
        Self { since: Instant::now(), sent_ns: Arc::default() }
    }

    fn now_ns(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_nanos()).expect("a short run")
    }

    /// Everybody comes to rest, and then the clock starts.
    async fn start(&self) {
        tokio::time::sleep(Duration::from_millis(1)).await;
        self.sent_ns.store(self.now_ns(), SeqCst);
    }

    fn stop_us(&self) -> f64 {
        (self.now_ns() - self.sent_ns.load(SeqCst)) as f64 / 1e3
    }
}

/// The value that so many per cent of the samples do not exceed.
fn percentile(mut samples: Vec<f64>, percent: usize) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[(samples.len() - 1) * percent / 100]
}

pub fn bus(percent: usize) -> f64 {
    runtime().block_on(async {
        let (watch, bus) = (Stopwatch::new(), Bus::builder().capacity(CAPACITY).build());
        let mut subscription = bus.subscribe("orders.*.created").expect("a pattern");
        let receiver = tokio::spawn({
            let watch = watch.clone();
            async move {
                let mut samples = Vec::new();
                while subscription.recv().await.is_some() {
                    samples.push(watch.stop_us());
                }
                percentile(samples, percent)
            }
        });
        let mut publisher = bus.publisher(topic());
        drop(bus);
        tokio::spawn(async move {
            for _ in 0..SAMPLES {
                watch.start().await;
                publisher.publish(PAYLOAD).await.expect("the bus is open");
            }
        });
        receiver.await.expect("no panic")
    })
}

pub fn mpsc(percent: usize) -> f64 {
    runtime().block_on(async {
        let (watch, (sender, mut receiver)) = (Stopwatch::new(), mpsc::channel::<Message>(CAPACITY));
        let receiver = tokio::spawn({
            let watch = watch.clone();
            async move {
                let mut samples = Vec::new();
                while receiver.recv().await.is_some() {
                    samples.push(watch.stop_us());
                }
                percentile(samples, percent)
            }
        });
        let topic = topic();
        tokio::spawn(async move {
            for _ in 0..SAMPLES {
                watch.start().await;
                sender.send(Message::new(topic.clone(), PAYLOAD)).await.expect("somebody receives");
            }
        });
        receiver.await.expect("no panic")
    })
}
