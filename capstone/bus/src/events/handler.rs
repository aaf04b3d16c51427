//! [`Handler`]: what can be registered, and how its type is forgotten.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::HandlerError;
use super::event::{AnyEvent, Event, typed};

/// A function from a shared event to a future, such as `|event| async move { … }` or `async |event| { … }`.
///
/// Implemented for all of them, and for nothing else. An `async` closure must not lend what it has captured to its
/// future; where the compiler says so, clone in front: `move |event| { let db = db.clone(); async move { … } }`.
///
/// # Why this signature?
///
/// `on::<E>(|event| async move { … })` must compile with the one type `E` written out and that of the parameter
/// inferred. A trait of its own with a `call` method infers nothing, and three type parameters must all be written.
/// Both bounds are needed: `AsyncFn` lets `async |event|` be inferred, `Fn` names the future, which must be `Send`.
pub trait Handler<E, O>:
    AsyncFn(Arc<E>) -> O + Fn(Arc<E>) -> <Self as Handler<E, O>>::Fut + Send + Sync + 'static
{
    /// What a call returns.
    type Fut: Future<Output = O> + Send + 'static;
}

impl<F, Fut, E, O> Handler<E, O> for F
where
    F: AsyncFn(Arc<E>) -> O + Fn(Arc<E>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = O> + Send + 'static,
{
    type Fut = Fut;
}

/// A handler without its type.
pub(crate) type AnyHandler =
    Box<dyn Fn(AnyEvent) -> BoxFuture<'static, Result<(), HandlerError>> + Send + Sync>;

pub(crate) fn infallible<E: Event>(handler: impl Handler<E, ()>) -> AnyHandler {
    Box::new(move |event| {
        let call = handler(typed(event));
        Box::pin(async move {
            call.await;
            Ok(())
        })
    })
}

pub(crate) fn fallible<E: Event>(handler: impl Handler<E, Result<(), HandlerError>>) -> AnyHandler {
    Box::new(move |event| Box::pin(handler(typed(event))))
}
