//! Limits on how a sink is used: a sink as a tower service, and any such service, with its layers, as a sink.

use std::error::Error;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use tokio::sync::Mutex;
use tower::buffer::error::{Closed, ServiceError};
use tower::load_shed::error::Overloaded;
use tower::timeout::error::Elapsed;
use tower::{BoxError, Service};

use super::{Attempt, Sink, SinkError};
use crate::message::Envelope;

/// What a service is called with.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct Publish {
    /// The message to be published.
    pub message: Envelope,
    /// Which attempt at it this is. Its deadline began before the layers: waiting in them is part of the attempt.
    pub attempt: Attempt,
}

impl Publish {
    /// [`ServiceSink`] makes one for each publish; tests of a service make their own.
    #[must_use]
    pub fn new(message: Envelope, attempt: Attempt) -> Self {
        Self { message, attempt }
    }
}

/// A sink as a service, for layers to be put around. Always ready: the sink has no limits of its own.
///
/// Cloning it is cheap, and all clones publish to the same sink.
pub struct SinkService<K> {
    sink: Arc<K>,
}

impl<K: Sink> SinkService<K> {
    /// Before the layers.
    pub fn new(sink: K) -> Self {
        Self { sink: Arc::new(sink) }
    }
}

impl<K> Clone for SinkService<K> {
    fn clone(&self) -> Self {
        Self { sink: Arc::clone(&self.sink) }
    }
}

impl<K: Sink> Service<Publish> for SinkService<K> {
    type Response = ();
    type Error = SinkError;
    type Future = BoxFuture<'static, Result<(), SinkError>>;

    fn poll_ready(&mut self, _never_waits: &mut Context<'_>) -> Poll<Result<(), SinkError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, publish: Publish) -> Self::Future {
        let sink = Arc::clone(&self.sink);
        Box::pin(async move { sink.publish(&publish.message, publish.attempt).await })
    }
}

/// A service as a sink: it publishes by calling the service, whatever layers that has.
///
/// Who waits for the service to be ready waits in line, first in, first out. The relay counts that as part of the publish:
/// it starts as many as its window holds, and gives each up after its publish timeout. So the window must not be larger than
/// what the limits let through in that time. 100 messages a second and the timeout of 4 s: less than 400.
///
/// Tokio's timer has a grain of 1 ms, so a high rate is written with a long time: 1,000 a second. One a millisecond lets through less
/// than half of that.
///
/// ```
/// use std::time::Duration;
///
/// use capstone_outbox::RelayConfig;
/// use capstone_outbox::sink::{ServiceSink, SinkService, StdoutSink};
/// use tower::ServiceBuilder;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let service = ServiceBuilder::new()
///     .rate_limit(100, Duration::from_secs(1))
///     .concurrency_limit(8)
///     .timeout(Duration::from_millis(500))
///     .service(SinkService::new(StdoutSink::new()?));
/// let sink = ServiceSink::new(service);
/// let config = RelayConfig::default().window_rows(300);
/// # Ok(())
/// # }
/// ```
///
/// What fails is told by the error, or by one of its sources:
///
/// | error | becomes |
/// | --- | --- |
/// | [`SinkError`] | itself, so that layers of one's own can say what they mean |
/// | `Elapsed`, of the timeout | [`TimedOut`](SinkError::TimedOut): it may have been published or not |
/// | `Overloaded`, of load shedding | [`Unavailable`](SinkError::Unavailable): the relay pauses, and no attempt counts |
/// | what a buffer says once its service has failed | [`Closed`](SinkError::Closed): it takes nothing any more |
/// | any other | [`Retryable`](SinkError::Retryable) |
///
/// A layer that retries is the wrong one: the relay does it, with a pause, and lets other keys go on meanwhile.
pub struct ServiceSink<S> {
    /// Held while the service becomes ready, never while it publishes. One service and not a clone for each message: a rate
    /// limit cannot be cloned, and a clone that waits would keep what it has reserved.
    service: Mutex<S>,
}

impl<S> ServiceSink<S> {
    /// With the service's layers around it.
    pub fn new(service: S) -> Self {
        Self { service: Mutex::new(service) }
    }
}

impl<S> Sink for ServiceSink<S>
where
    S: Service<Publish, Error: Into<BoxError>, Future: Send> + Send + 'static,
{
    /// # Cancel safety
    /// Dropped while the service is not ready, nothing is published, and the next in line has its turn. Dropped later,
    /// it is up to the service.
    async fn publish(&self, message: &Envelope, attempt: Attempt) -> Result<(), SinkError> {
        let answer = {
            let mut service = self.service.lock().await;
            poll_fn(|context| service.poll_ready(context)).await.map_err(classified)?;
            service.call(Publish::new(message.clone(), attempt))
        };
        answer.await.map(drop).map_err(classified)
    }
}

fn classified(error: impl Into<BoxError>) -> SinkError {
    let error = error.into();
    let mut cause: &(dyn Error + 'static) = &*error;
    loop {
        let text = || error.to_string();
        if let Some(error) = cause.downcast_ref::<SinkError>() {
            return error.clone();
        } else if cause.is::<Overloaded>() {
            return SinkError::Unavailable(text());
        } else if cause.is::<Elapsed>() {
            return SinkError::TimedOut(text());
        } else if cause.is::<ServiceError>() || cause.is::<Closed>() {
            return SinkError::Closed(text());
        }
        match cause.source() {
            // Whatever is not known to have failed for good may succeed.
            None => return SinkError::Retryable(text()),
            Some(source) => cause = source,
        }
    }
}
