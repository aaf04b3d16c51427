//! A round in one process: a line is filled and emptied on a runtime of its own.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::measured::Measured;
use crate::peers::{Line, Publish, Receive};
use crate::report::percentile;

/// Two workers, whatever the machine has.
pub fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime")
}

/// Each publisher sends about so many messages, as fast as it can: millions of deliveries a second, none lost.
pub fn deliveries<P: Publish, R: Receive>(line: Line<P, R>, messages: usize) -> f64 {
    deliveries_on(&runtime(), async || line, messages)
}

/// The same with what it costs.
pub fn measured<P: Publish, R: Receive>(line: Line<P, R>, messages: usize) -> Measured {
    let expected = messages / P::BATCH * P::BATCH * line.publishers.len() * line.receivers.len();
    let before = cpu_ns();
    let rate = deliveries(line, messages);
    Measured { rate, cpu_ns: (cpu_ns() - before) / expected as f64 }
}

/// That the process has used so far.
fn cpu_ns() -> f64 {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.tv_sec as f64 * 1e9 + now.tv_nsec as f64
}

/// The same on that runtime, in which the line is made.
pub fn deliveries_on<P: Publish, R: Receive>(
    runtime: &Runtime,
    line: impl AsyncFnOnce() -> Line<P, R>,
    messages: usize,
) -> f64 {
    let calls = messages / P::BATCH;
    runtime.block_on(async {
        let line = line().await;
        let expected = calls * P::BATCH * line.publishers.len() * line.receivers.len();
        let mut counts = JoinSet::new();
        for mut receiver in line.receivers {
            counts.spawn(async move {
                let mut count = 0;
                loop {
                    match receiver.receive().await {
                        0 => return count,
                        received => count += received,
                    }
                }
            });
        }
        let since = Instant::now();
        for mut publisher in line.publishers {
            tokio::spawn(async move {
                for _ in 0..calls {
                    publisher.publish().await;
                }
            });
        }
        let received: usize = counts.join_all().await.into_iter().sum();
        assert_eq!(received, expected, "nothing is lost");
        received as f64 / since.elapsed().as_secs_f64() / 1e6
    })
}

/// On one task, a hundred messages at a time, so that nobody is woken and nothing moves between processors: nanoseconds a
/// delivery.
pub fn alone_ns<P: Publish, R: Receive>(mut line: Line<P, R>) -> f64 {
    const BURST: usize = 100;
    let rounds = 20_000 / (line.receivers.len() + 1);
    Builder::new_current_thread().build().expect("a runtime").block_on(async {
        let since = Instant::now();
        for _ in 0..rounds {
            for publisher in &mut line.publishers {
                for _ in 0..BURST {
                    publisher.publish().await;
                }
            }
            for receiver in &mut line.receivers {
                for _ in 0..BURST {
                    receiver.receive().await;
                }
            }
        }
        since.elapsed().as_nanos() as f64 / (rounds * BURST * line.receivers.len()) as f64
    })
}

/// From publish to receive, one message at a time and nothing else going on: microseconds.
pub fn latency_us<P: Publish, R: Receive>(line: Line<P, R>, percent: usize) -> f64 {
    percentile(latencies_us(async || line), percent)
}

/// The same for a line that is made in the runtime, with all samples.
pub fn latencies_us<P: Publish, R: Receive>(line: impl AsyncFnOnce() -> Line<P, R>) -> Vec<f64> {
    const SAMPLES: usize = 400;
    let watch = Stopwatch::new();
    runtime().block_on(async {
        let Line { mut publishers, mut receivers } = line().await;
        let (mut publisher, mut receiver) =
            (publishers.pop().expect("a publisher"), receivers.pop().expect("a receiver"));
        let receiving = tokio::spawn({
            let watch = watch.clone();
            async move {
                let mut samples = Vec::with_capacity(SAMPLES);
                // A broker's line has no end of its own.
                while samples.len() < SAMPLES && receiver.receive().await > 0 {
                    samples.push(watch.stop_us());
                }
                samples
            }
        });
        tokio::spawn(async move {
            for _ in 0..SAMPLES {
                // Everybody comes to rest, and then the clock starts.
                sleep(Duration::from_millis(1)).await;
                watch.start();
                publisher.publish().await;
            }
        });
        let samples = receiving.await.expect("no panic");
        assert_eq!(samples.len(), SAMPLES, "nothing is lost");
        samples
    })
}

/// When the message under way was sent.
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

    fn start(&self) {
        self.sent_ns.store(self.now_ns(), SeqCst);
    }

    fn stop_us(&self) -> f64 {
        (self.now_ns() - self.sent_ns.load(SeqCst)) as f64 / 1e3
    }
}
