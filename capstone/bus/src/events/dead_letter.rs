//! [`DeadLetter`]: an event that a handler has finally failed on.

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;

use super::HandlerError;
use super::event::{AnyEvent, Event, typed};

/// What a handler has failed on after its last attempt, with why.
///
/// It is never dead-lettered again: what fails or panics while it is put away is only counted, as
/// [`dead_letters_lost`](super::HandlerStats::dead_letters_lost).
pub struct DeadLetter<E> {
    /// The event, shared with the other handlers.
    pub event: Arc<E>,
    /// The name of the handler that failed.
    pub handler: Arc<str>,
    /// How the last attempt ended, in words.
    pub reason: String,
    /// How often the handler was called; 0 when a limit refused it.
    pub attempts: u32,
}

impl<E> fmt::Debug for DeadLetter<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { event: _, handler, reason, attempts } = self;
        f.debug_struct("DeadLetter")
            .field("handler", handler)
            .field("reason", reason)
            .field("attempts", attempts)
            .finish_non_exhaustive()
    }
}

/// A dead letter without its type.
pub(crate) struct AnyLetter {
    pub(crate) event: AnyEvent,
    pub(crate) handler: Arc<str>,
    pub(crate) reason: String,
    pub(crate) attempts: u32,
}

/// Where the dead letters of one handler go, without their type.
pub(crate) type Undertaker =
    Box<dyn Fn(AnyLetter) -> BoxFuture<'static, Result<(), HandlerError>> + Send + Sync>;

pub(crate) fn undertaker<E, F, Fut>(bury: F) -> Undertaker
where
    E: Event,
    F: Fn(DeadLetter<E>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
{
    Box::new(move |letter| {
        let AnyLetter { event, handler, reason, attempts } = letter;
        Box::pin(bury(DeadLetter { event: typed(event), handler, reason, attempts }))
    })
}
