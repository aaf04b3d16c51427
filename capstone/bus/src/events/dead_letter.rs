//! [`DeadLetter`]: an event that a handler has finally failed on.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use futures::future::BoxFuture;

use super::event::{AnyEvent, Event, typed};
use super::{FailureKind, HandlerError};
use crate::pipeline::failure::Failure;

/// What a handler has failed on after its last attempt, with why.
///
/// It is never dead-lettered again: what fails or panics while it is put away is only counted, as
/// [`dead_letters_lost`](super::HandlerStats::dead_letters_lost).
#[non_exhaustive]
pub struct DeadLetter<E> {
    /// The event, shared with the other handlers.
    pub event: Arc<E>,
    /// The name of the handler that failed.
    pub handler: Arc<str>,
    /// How the last attempt failed.
    pub kind: FailureKind,
    /// How the last attempt ended, in words.
    pub reason: String,
    /// How often the handler was called; 0 when a limit refused it.
    pub attempts: u32,
    /// When the first attempt failed, by the clock of the events.
    pub first_at: SystemTime,
    /// When the last attempt failed.
    pub last_at: SystemTime,
}

impl<E> DeadLetter<E> {
    /// One for the test of a function that puts dead letters away: after one attempt, which failed in 1970 by an error that
    /// was worth another one. The fields can be changed.
    pub fn new(event: Arc<E>, handler: impl Into<Arc<str>>, reason: impl Into<String>) -> Self {
        let (first_at, last_at) = (SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH);
        let (handler, reason) = (handler.into(), reason.into());
        Self { event, handler, kind: FailureKind::Retryable, reason, attempts: 1, first_at, last_at }
    }
}

impl<E> fmt::Debug for DeadLetter<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { event: _, handler, kind, reason, attempts, first_at: _, last_at: _ } = self;
        f.debug_struct("DeadLetter")
            .field("handler", handler)
            .field("kind", kind)
            .field("reason", reason)
            .field("attempts", attempts)
            .finish_non_exhaustive()
    }
}

/// A dead letter without its type.
pub(crate) struct AnyLetter {
    pub(crate) event: AnyEvent,
    pub(crate) handler: Arc<str>,
    pub(crate) failure: Failure,
}

impl AnyLetter {
    fn typed<E: Event>(self) -> DeadLetter<E> {
        let Self { event, handler, failure } = self;
        let Failure { kind, reason, attempts, first_at, last_at } = failure;
        DeadLetter { event: typed(event), handler, kind, reason, attempts, first_at, last_at }
    }
}

/// Where the dead letters of one handler go.
pub(crate) type DeadLetters =
    Box<dyn Fn(AnyLetter) -> BoxFuture<'static, Result<(), HandlerError>> + Send + Sync>;

pub(crate) fn dead_letters<E, F, Fut>(put_away: F) -> DeadLetters
where
    E: Event,
    F: Fn(DeadLetter<E>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<(), HandlerError>> + Send + 'static,
{
    Box::new(move |letter| Box::pin(put_away(letter.typed())))
}
