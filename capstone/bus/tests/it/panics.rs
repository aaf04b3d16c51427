//! Code of the application panics wherever a handler of topics runs it: in a drop, a `Display`, a clock. The handler goes
//! on, and each message is counted once.

use std::future::ready;
use std::panic::panic_any;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use capstone_bus::{Bus, Delivery, HandlerError, HandlerStats, Message, RetryPolicy};
use tokio::time::sleep;

use crate::support::{drain, fill, message, ms, topic};

/// Panics when it is dropped.
#[derive(Debug)]
pub(crate) struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        // A second panic would end the process, and that is nobody's promise.
        assert!(std::thread::panicking(), "when dropped");
    }
}

impl std::fmt::Display for Bomb {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a bomb")
    }
}

impl std::error::Error for Bomb {}

impl AsRef<[u8]> for Bomb {
    fn as_ref(&self) -> &[u8] {
        b"a bomb"
    }
}

/// A future that panics when it is dropped, ready or not.
pub(crate) struct Mined<F> {
    pub(crate) future: F,
    pub(crate) _mine: Bomb,
}

impl<F: Future + Unpin> Future for Mined<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        Pin::new(&mut self.future).poll(cx)
    }
}

type Handled = Result<(), HandlerError>;
type Handling = Pin<Box<dyn Future<Output = Handled> + Send>>;

/// Fails as the payload says.
fn handles(delivery: Delivery) -> Handling {
    let failed: Handled = match &delivery.payload[..] {
        b"error" => Err(Bomb.into()),
        b"panic" => panic_any(Bomb),
        b"retry" => Err(HandlerError::retryable(Bomb)),
        _ => Ok(()),
    };
    match &delivery.payload[..] {
        b"future" => Box::pin(Mined { future: ready(failed), _mine: Bomb }),
        b"hangs" => Box::pin(Mined { future: std::future::pending(), _mine: Bomb }),
        _ => Box::pin(ready(failed)),
    }
}

/// Handled, failed, cut off, panicked.
fn told(stats: HandlerStats) -> (u64, u64, u64, u64) {
    assert_eq!(stats.running, 0);
    (stats.handled, stats.failed, stats.cut_off, stats.panicked)
}

#[tokio::test(start_paused = true)]
async fn a_worker_survives_what_panics_when_it_is_dropped() {
    for (payload, expected) in [
        // The error has been a failure, and then another panic.
        ("error", (1, 1, 0, 1)),
        ("panic", (1, 1, 0, 1)),
        ("future", (1, 1, 0, 1)),
    ] {
        let bus = Bus::new();
        let mut dead = bus.subscribe("$DLQ.>").expect("a pattern");
        let task = bus.topic_handler("t").dead_letter().start(handles).expect("valid options");
        fill(&bus, [payload, "fine"]);
        bus.close();
        let stats = task.finished().await;
        assert_eq!((told(stats), stats.dead_letters), (expected, 1), "{payload}");
        assert_eq!(drain(&mut dead), [payload]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_that_panics_when_it_is_dropped_has_been_handled() {
    let bus = Bus::new();
    let task = bus.topic_handler("t").concurrency(2).keyed_by_header("k").start(handles);
    let task = task.expect("valid options");
    for payload in [Bytes::from_owner(Bomb), Bytes::from_static(b"of the same key")] {
        let message = Message::new(topic("t"), payload).with_header("k", "1").expect("a header");
        let _ = bus.try_publish(message).expect("the bus is open");
    }
    bus.close();
    assert_eq!(told(task.finished().await), (2, 0, 0, 1));
}

#[tokio::test(start_paused = true)]
async fn the_error_of_an_earlier_attempt_may_panic_when_it_is_dropped() {
    let bus = Bus::new();
    let mut dead = bus.subscribe("$DLQ.>").expect("a pattern");
    let handler = bus.topic_handler("t").retry(RetryPolicy::attempts(3)).dead_letter();
    let task = handler.start(handles).expect("valid options");
    fill(&bus, ["retry", "fine"]);
    bus.close();
    let stats = task.finished().await;
    assert_eq!((stats.handled, stats.failed, stats.retried), (1, 1, 2));
    assert_eq!(dead.recv().await.expect("a dead letter").headers().get("dlq-reason"), Some("a bomb"));
}

#[tokio::test(start_paused = true)]
async fn what_is_cut_off_may_panic_when_it_is_dropped() {
    let bus = Bus::new();
    let mut dead = bus.subscribe("$DLQ.>").expect("a pattern");
    let task = bus.topic_handler("t").dead_letter().start(handles).expect("valid options");
    fill(&bus, ["hangs"]);
    sleep(ms(1)).await;
    let report = bus.shutdown(ms(10)).await;
    assert_eq!((report.cut_off(), told(task.stats())), (1, (0, 1, 0, 1)));
    let letter = dead.recv().await.expect("a dead letter");
    assert_eq!(letter.headers().get("dlq-reason"), Some("panicked: when dropped"));
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_panics_has_no_time_to_say() {
    let bus = Bus::builder().clock(|| panic!("no time")).build();
    let mut dead = bus.subscribe("$DLQ.>").expect("a pattern");
    let fails = async |_| Err(HandlerError::permanent("no"));
    let task = bus.topic_handler("t").dead_letter().start(fails).expect("valid options");
    fill(&bus, ["a", "b"]);
    bus.close();
    assert_eq!(told(task.finished().await), (0, 2, 0, 0));
    assert_eq!(dead.recv().await.expect("a dead letter").headers().get("dlq-last-at-ms"), Some("0"));
    assert_eq!(drain(&mut dead), ["b"]);
}

#[tokio::test]
async fn sources_without_an_end_end() {
    #[derive(Debug)]
    struct Ouroboros;
    impl std::fmt::Display for Ouroboros {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("o")
        }
    }
    impl std::error::Error for Ouroboros {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&Ouroboros)
        }
    }
    let shown = HandlerError::retryable(Ouroboros).to_string();
    assert!(shown.starts_with("o: o: o") && shown.len() < 1_000, "{} characters", shown.len());
}

/// A pause between attempts needs a timer. It is asked for where somebody sees the panic.
#[test]
fn retries_without_a_timer_are_refused_at_the_start() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let _entered = runtime.enter();
    let bus = Bus::new();
    let start = || {
        bus.topic_handler("t")
            .retry(RetryPolicy::attempts(2))
            .start(async |_| Err("no".parse::<u8>().expect_err("no number").into()))
    };
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(start)).expect_err("no timer");
    assert_eq!(bus.stats().active, 0);

    let task = bus.topic_handler("t").start(async |_| Ok(())).expect("no retries, no timer");
    let _ = bus.try_publish(message("t", "a")).expect("the bus is open");
    bus.close();
    assert_eq!(runtime.block_on(task.finished()).handled, 1);
}
