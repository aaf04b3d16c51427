//! [`Next`]: what a middleware is wrapped around.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;

use super::HandlerError;
use super::cancel::Cancelled;
use super::event::{AnyEvent, Event};
use super::slot::Slot;

/// One call of one handler, as a middleware sees it. Each retry is a call.
#[derive(Clone)]
#[non_exhaustive]
pub struct Call {
    /// The topic of the event.
    pub topic: &'static str,
    /// The name of the handler.
    pub handler: Arc<str>,
    /// Counts the calls of this handler with this event, from 1.
    pub attempt: u32,
    pub(crate) event: AnyEvent,
}

impl Call {
    /// The event, if it is an `E`.
    pub fn event<E: Event>(&self) -> Option<&E> {
        self.event.downcast_ref()
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("topic", &self.topic)
            .field("handler", &self.handler)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}

/// A middleware without its type.
pub(crate) type AnyMiddleware =
    Arc<dyn Fn(Call, Next) -> BoxFuture<'static, Result<(), HandlerError>> + Send + Sync>;

/// The outermost first.
pub(crate) type Layers = Arc<[AnyMiddleware]>;

/// The layers below a middleware, and the handler in the middle of them.
#[must_use = "a middleware that does not run the next one skips the handler"]
pub struct Next {
    layers: Layers,
    depth: usize,
    slot: Arc<Slot>,
}

impl Next {
    pub(crate) fn new(layers: Layers, slot: Arc<Slot>) -> Self {
        Self { layers, depth: 0, slot }
    }

    /// Calls the next middleware, or the handler.
    ///
    /// # Errors
    ///
    /// What the handler, or a middleware on the way, returned; or the handler's registration was cancelled, and it was not
    /// called.
    ///
    /// # Panics
    ///
    /// When the handler does. A middleware may let the panic pass: it becomes the outcome.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the handler at the `await` where it is.
    pub async fn run(mut self, call: Call) -> Result<(), HandlerError> {
        match self.layers.get(self.depth).cloned() {
            Some(layer) => {
                self.depth += 1;
                layer(call, self).await
            }
            None if self.slot.cancel.is_cancelled() => Err(Cancelled.into()),
            None => (self.slot.handler)(call.event).await,
        }
    }
}

impl fmt::Debug for Next {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Next").field("layers_left", &(self.layers.len() - self.depth)).finish_non_exhaustive()
    }
}

pub(crate) fn middleware<F, Fut>(middleware: F) -> AnyMiddleware
where
    F: Fn(Call, Next) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
{
    Arc::new(move |call, next| Box::pin(middleware(call, next)))
}
