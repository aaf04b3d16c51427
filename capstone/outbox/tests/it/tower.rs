//! Tower's layers around a sink, on a paused clock: the whole story, to the millisecond.

use std::future::{Ready, pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use capstone_outbox::memory::MemoryStore;
use capstone_outbox::sink::{Publish, ServiceSink, SinkService};
use capstone_outbox::{Attempt, Envelope, Relay, RelayConfig, Sink, SinkError};
use futures::future::join_all;
use tokio::time::{Instant, sleep};
use tower::{BoxError, Service, ServiceBuilder};

use crate::support::{self, Scripted, attempt, cancel_at, figures, message, ms};

/// A sink that publishes after `takes`.
fn slow(takes: u64) -> (Arc<Scripted>, SinkService<Shared>) {
    let sink = Scripted::new(move |_, _| (ms(takes), Ok(())));
    (Arc::clone(&sink), SinkService::new(Shared(sink)))
}

/// The scripted sink, whose story the test reads.
struct Shared(Arc<Scripted>);

impl Sink for Shared {
    async fn publish(&self, message: &Envelope, attempt: Attempt) -> Result<(), SinkError> {
        self.0.publish(message, attempt).await
    }
}

fn envelope(payload: usize) -> Envelope {
    support::envelope(1, "orders.created", "", "{}", payload.to_string().as_bytes())
}

/// Publishes so many messages at once.
async fn publish_all(sink: &impl Sink, count: usize) -> Vec<Result<(), SinkError>> {
    let messages: Vec<Envelope> = (0..count).map(envelope).collect();
    join_all(messages.iter().map(|message| sink.publish(message, attempt()))).await
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_spreads_what_comes_at_once() {
    let (inner, service) = slow(0);
    let sink = ServiceSink::new(ServiceBuilder::new().rate_limit(2, ms(100)).service(service));
    assert_eq!(publish_all(&sink, 5).await, vec![Ok(()); 5]);
    assert_eq!(inner.story(), ["   0 0 ok", "   0 1 ok", " 100 2 ok", " 100 3 ok", " 200 4 ok"]);
}

#[tokio::test(start_paused = true)]
async fn a_concurrency_limit_lets_so_many_publish_at_once() {
    let (inner, service) = slow(10);
    let sink = ServiceSink::new(ServiceBuilder::new().concurrency_limit(2).service(service));
    assert_eq!(publish_all(&sink, 5).await, vec![Ok(()); 5]);
    assert_eq!(inner.story(), ["  10 0 ok", "  10 1 ok", "  20 2 ok", "  20 3 ok", "  30 4 ok"]);
}

#[tokio::test(start_paused = true)]
async fn a_timeout_is_tried_again() {
    let (inner, service) = slow(101);
    let sink = ServiceSink::new(ServiceBuilder::new().timeout(ms(100)).service(service));
    let error = sink.publish(&envelope(0), attempt()).await.unwrap_err();
    assert_eq!(error, SinkError::TimedOut("request timed out".into()));
    assert!(inner.story().is_empty(), "what takes too long is dropped");
}

/// Answers with the attempt that it was told of, and takes nothing.
#[derive(Clone)]
struct Attempts;

impl Sink for Attempts {
    async fn publish(&self, _message: &Envelope, attempt: Attempt) -> Result<(), SinkError> {
        let left = attempt.deadline.duration_since(Instant::now());
        Err(SinkError::Permanent(format!("attempt {}, {left:?} left", attempt.number)))
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_left_of_an_attempt_after_the_layers() {
    let layers = ServiceBuilder::new().rate_limit(1, ms(100));
    let sink = ServiceSink::new(layers.service(SinkService::new(Attempts)));
    let third = Attempt::new(3, Instant::now() + ms(1_000));
    let [first, second] = [envelope(1), envelope(2)];
    let (at_once, later) = tokio::join!(sink.publish(&first, third), sink.publish(&second, third));
    assert_eq!(at_once, Err(SinkError::Permanent("attempt 3, 1s left".into())));
    assert_eq!(later, Err(SinkError::Permanent("attempt 3, 900ms left".into())));
}

#[tokio::test(start_paused = true)]
async fn shed_load_costs_no_attempt() {
    let (inner, service) = slow(10);
    let service = ServiceBuilder::new().load_shed().concurrency_limit(1).service(service);
    let sink = ServiceSink::new(service);
    let overloaded = || Err(SinkError::Unavailable("service overloaded".into()));
    assert_eq!(publish_all(&sink, 3).await, [Ok(()), overloaded(), overloaded()]);
    assert_eq!(inner.story(), ["  10 0 ok"]);
}

#[tokio::test(start_paused = true)]
async fn what_the_sink_says_passes_through_all_layers() {
    let inner = Scripted::new(|_, _| (ms(0), Err(SinkError::Permanent("no such topic".into()))));
    let layers = ServiceBuilder::new().buffer(1).load_shed().concurrency_limit(1).timeout(ms(100));
    let sink = ServiceSink::new(layers.service(SinkService::new(Shared(inner))));
    let permanent = Err(SinkError::Permanent("no such topic".into()));
    assert_eq!(sink.publish(&envelope(0), attempt()).await, permanent);
}

/// A service that always fails.
#[derive(Clone)]
enum Failing {
    /// For good: it is never ready.
    Ready(SinkError),
    Call(fn() -> BoxError),
}

impl Service<Publish> for Failing {
    type Response = ();
    type Error = BoxError;
    type Future = Ready<Result<(), BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(match self {
            Self::Ready(error) => Err(error.clone().into()),
            Self::Call(_) => Ok(()),
        })
    }

    fn call(&mut self, _: Publish) -> Self::Future {
        match self {
            Self::Ready(_) => panic!("called though it was not ready"),
            Self::Call(error) => ready(Err(error())),
        }
    }
}

/// What a layer may make of an error.
#[derive(Debug, thiserror::Error)]
#[error("a layer failed")]
struct Wrapped(#[source] SinkError);

#[tokio::test]
async fn an_unknown_error_is_tried_again_and_a_cause_counts() {
    let unknown = ServiceSink::new(Failing::Call(|| "nobody knows".into()));
    assert_eq!(
        unknown.publish(&envelope(0), attempt()).await,
        Err(SinkError::Retryable("nobody knows".into()))
    );
    let wrapped = Failing::Call(|| Box::new(Wrapped(SinkError::Closed("gone".into()))));
    let wrapped = ServiceSink::new(wrapped);
    assert_eq!(wrapped.publish(&envelope(0), attempt()).await, Err(SinkError::Closed("gone".into())));
}

#[tokio::test]
async fn a_buffer_whose_service_has_failed_is_closed() {
    let broken = Failing::Ready(SinkError::Retryable("broken".into()));
    let sink = ServiceSink::new(ServiceBuilder::new().buffer(1).service(broken.clone()));
    let closed = Err(SinkError::Closed("buffered service failed: broken".into()));
    assert_eq!(sink.publish(&envelope(0), attempt()).await, closed);
    assert_eq!(sink.publish(&envelope(0), attempt()).await, closed);
    let unbuffered = ServiceSink::new(broken);
    assert_eq!(unbuffered.publish(&envelope(0), attempt()).await, Err(SinkError::Retryable("broken".into())));
}

#[tokio::test(start_paused = true)]
async fn who_is_dropped_while_waiting_leaves_his_turn_to_the_next() {
    let (inner, service) = slow(10);
    let layers = ServiceBuilder::new().rate_limit(1, ms(100)).concurrency_limit(1);
    let sink = Arc::new(ServiceSink::new(layers.service(service)));
    let mut polls = 1;
    loop {
        let before = inner.story().len();
        let dropped = envelope(1);
        let outcome = cancel_at(polls, sink.publish(&dropped, attempt())).await;
        if outcome.is_none() {
            sleep(Duration::from_secs(1)).await;
            assert_eq!(inner.story().len(), before, "what was dropped has not published");
        }
        sink.publish(&envelope(2), attempt()).await.unwrap();
        if outcome.is_some() {
            break;
        }
        polls += 1;
    }
    assert!(polls > 1, "it waited, and was dropped, at least once");
}

#[tokio::test(start_paused = true)]
async fn a_relay_keeps_to_a_rate_without_losing_attempts() {
    let store = Arc::new(MemoryStore::new());
    store.enqueue((0..100).map(|n| message(&format!("key-{n}"), &n.to_string())));
    let (inner, service) = slow(5);
    let layers = ServiceBuilder::new().rate_limit(10, Duration::from_secs(1)).concurrency_limit(4);
    let sink = Arc::new(ServiceSink::new(layers.service(service)));
    // 4 s of publish timeout at 10 a second.
    let config = RelayConfig::default().window_rows(30);
    let mut relay = Relay::new(store, sink, config).unwrap();
    let started = Instant::now();
    let report = relay.run_until_empty(pending()).await.unwrap();
    assert_eq!(figures(report), [100, 0, 0, 0]);
    assert_eq!(inner.story().len(), 100);
    assert!(started.elapsed() >= Duration::from_secs(9), "100 at 10 a second: {:?}", started.elapsed());
}

/// A sink whose refusals are counted.
struct Counted<K> {
    sink: K,
    refused: AtomicUsize,
}

impl<K: Sink> Sink for Counted<K> {
    async fn publish(&self, message: &Envelope, attempt: Attempt) -> Result<(), SinkError> {
        let outcome = self.sink.publish(message, attempt).await;
        if outcome.is_err() {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        outcome
    }
}

#[tokio::test(start_paused = true)]
async fn load_shedding_costs_few_refused_publishes() {
    const MESSAGES: usize = 2_000;
    let store = Arc::new(MemoryStore::new());
    store.enqueue((0..MESSAGES).map(|n| message(&format!("key-{n}"), &n.to_string())));
    let (_, service) = slow(5);
    let sink = ServiceSink::new(ServiceBuilder::new().load_shed().concurrency_limit(8).service(service));
    let sink = Arc::new(Counted { sink, refused: AtomicUsize::new(0) });
    let mut relay = Relay::new(store, Arc::clone(&sink), RelayConfig::default()).unwrap();
    let report = relay.run_until_empty(pending()).await.unwrap();
    assert_eq!((report.published, report.failed, report.parked), (2_000, 0, 0));
    let refused = sink.refused.load(Ordering::Relaxed);
    assert!(refused <= MESSAGES, "{refused} refused: more than one for each that was taken");
}
