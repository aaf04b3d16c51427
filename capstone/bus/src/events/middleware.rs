//! [`Call`] and [`Next`], for middlewares around handlers of events.

use super::Event;
use super::event::AnyEvent;
use crate::pipeline::middleware;

/// One call of one handler of events, as a middleware sees it. Each retry is a call.
pub type Call = middleware::Call<AnyEvent>;

/// The layers below a middleware, and the handler of events in the middle of them.
pub type Next = middleware::Next<AnyEvent>;

impl Call {
    /// The event, if it is an `E`.
    pub fn event<E: Event>(&self) -> Option<&E> {
        self.input.downcast_ref()
    }
}
