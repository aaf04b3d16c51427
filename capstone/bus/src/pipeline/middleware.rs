//! [`Call`] and [`Next`]: what a middleware gets, for both kinds of handlers.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;

use crate::Delivery;
use crate::pipeline::error::HandlerError;

/// How many middlewares may be nested: each is on the stack while it is polled. Where emissions of events are nested, the
/// middlewares of all levels count: so with four of them emissions may be [`DEPTH_MAX`](crate::events::DEPTH_MAX) deep,
/// with eight half as much.
pub const LAYERS_MAX: usize = 256;

/// One call of one handler, as a middleware sees it. Each retry is a call.
///
/// It is the call with a [`Delivery`] for a handler of topics, and the one of [`events`](crate::events::Call) for a handler
/// of events. A middleware that is generic in this serves both:
///
/// ```
/// use capstone_bus::{Bus, Call, HandlerError, Message, Next, events::Event};
///
/// async fn logged<T: Send + 'static>(call: Call<T>, next: Next<T>) -> Result<(), HandlerError> {
///     let said = format!("{} gets {}, attempt {}", call.handler, call.topic, call.attempt);
///     let result = next.run(call).await;
///     println!("{said}: {}", if result.is_ok() { "done" } else { "failed" });
///     result
/// }
///
/// struct Paid;
///
/// impl Event for Paid {
///     const TOPIC: &'static str = "orders.paid";
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = Bus::new();
/// let invoices = bus.topic_handler("orders.*").name("invoices").wrap(logged).start(async |_| Ok(()))?;
/// bus.handler::<Paid>().name("mail").wrap(logged).on(async |_| {});
///
/// bus.publish(Message::new("orders.created".parse()?, "42")).await?.all_enqueued()?;
/// assert!(bus.emit(Paid).await.is_ok());
/// # bus.close();
/// # assert_eq!(invoices.finished().await.handled, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Call<T = Delivery> {
    /// The topic of the message, or of the event.
    pub topic: Arc<str>,
    /// The name of the handler.
    pub handler: Arc<str>,
    /// Counts the calls of this handler with this message or event, from 1.
    pub attempt: u32,
    /// What is handled.
    pub(crate) input: T,
}

impl Call {
    /// The message.
    pub fn delivery(&self) -> &Delivery {
        &self.input
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("topic", &self.topic)
            .field("handler", &self.handler)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

/// A middleware without its type.
type Layer<T> = Arc<dyn Fn(Call<T>, Next<T>) -> BoxFuture<'static, Result<(), HandlerError>> + Send + Sync>;

/// The middlewares of a handler, the outermost first. Cheap to clone.
pub(crate) struct Layers<T>(Arc<[Layer<T>]>);

impl<T> Layers<T> {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// With one more, inside of these.
    pub(crate) fn with<F, Fut>(&self, layer: F) -> Self
    where
        F: Fn(Call<T>, Next<T>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
    {
        let layer: Layer<T> = Arc::new(move |call, next| Box::pin(layer(call, next)));
        Self(self.0.iter().cloned().chain([layer]).collect())
    }

    /// With these inside.
    pub(crate) fn around(&self, inner: &Self) -> Self {
        if inner.len() == 0 {
            return self.clone();
        }
        Self(self.0.iter().chain(inner.0.iter()).cloned().collect())
    }
}

impl<T> Clone for Layers<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Layers<T> {
    fn default() -> Self {
        Self(Arc::new([]))
    }
}

impl<T> fmt::Debug for Layers<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Layers({})", self.len())
    }
}

/// The handler in the middle.
pub(crate) trait Innermost<T>: Send + Sync {
    fn call(&self, input: T) -> BoxFuture<'static, Result<(), HandlerError>>;
}

/// The layers below a middleware, and the handler in the middle of them.
#[must_use = "a middleware that does not run the next one skips the handler"]
pub struct Next<T = Delivery> {
    layers: Layers<T>,
    depth: usize,
    innermost: Arc<dyn Innermost<T>>,
}

impl<T> Next<T> {
    pub(crate) fn new(layers: Layers<T>, innermost: Arc<dyn Innermost<T>>) -> Self {
        Self { layers, depth: 0, innermost }
    }

    /// Calls the next middleware, or the handler.
    ///
    /// # Errors
    ///
    /// What the handler, or a middleware on the way, returned; or the registration of a handler of events was cancelled,
    /// and it was not called.
    ///
    /// # Panics
    ///
    /// When the handler does. A middleware may let the panic pass: it becomes the outcome.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the handler at the `await` where it is.
    pub async fn run(self, call: Call<T>) -> Result<(), HandlerError> {
        self.enter(call).await
    }

    fn enter(mut self, call: Call<T>) -> BoxFuture<'static, Result<(), HandlerError>> {
        match self.layers.0.get(self.depth).cloned() {
            Some(layer) => {
                self.depth += 1;
                layer(call, self)
            }
            None => self.innermost.call(call.input),
        }
    }
}

impl<T> fmt::Debug for Next<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").field("layers_left", &(self.layers.len() - self.depth)).finish_non_exhaustive()
    }
}

/// What a middleware gets instead of a handler whose registration was cancelled.
#[derive(Debug, thiserror::Error)]
#[error("its registration was cancelled")]
pub(crate) struct Cancelled;
