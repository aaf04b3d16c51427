//! What happens when code that is not ours panics.
//!
//! Handlers, filters, errors, events and payloads belong to the application, and whoever calls, polls, shows or drops
//! one of them runs its code. No panic of it may end a task of ours half-way. One that panics in a drop while it panics
//! already ends the process: that is Rust's rule, and nobody can catch it.

use std::any::Any;
use std::fmt;
use std::ops::Deref;
use std::panic::{AssertUnwindSafe, catch_unwind};

use futures::FutureExt;
use futures::future::CatchUnwind;

/// Polls what is not ours; an error is what it panicked with, and [`text`] says what that is.
///
/// Unwind safe: what a panic leaves behind is the application's own, and it is told to expect further calls.
pub(crate) fn caught<F: Future>(theirs: F) -> CatchUnwind<AssertUnwindSafe<F>> {
    AssertUnwindSafe(theirs).catch_unwind()
}

/// Calls what is not ours; an error is what the panic said.
pub(crate) fn call<T>(theirs: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(theirs)).map_err(text)
}

/// Drops what is not ours; an error is what the panic said.
pub(crate) fn let_go<T>(theirs: T) -> Result<(), String> {
    call(|| drop(theirs))
}

/// An error of the application, in words.
pub(crate) fn shown(theirs: &dyn fmt::Display) -> String {
    call(|| theirs.to_string())
        .unwrap_or_else(|_panic| "the error panicked when it was to be shown".to_owned())
}

/// What a panic said. The payload is dropped here, and may panic again.
pub(crate) fn text(payload: Box<dyn Any + Send>) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("a panic without a text").to_owned();
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        // It would go on like this.
        std::mem::forget(again);
    }
    text
}

/// Something that is not ours, and that any of several may be the last to let go of, who survive its drop.
pub(crate) struct Theirs<T>(Option<T>);

impl<T> Theirs<T> {
    pub(crate) fn new(theirs: T) -> Self {
        Self(Some(theirs))
    }
}

impl<T> Deref for Theirs<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("it is there until the drop")
    }
}

impl<T> Drop for Theirs<T> {
    fn drop(&mut self) {
        let _panic = let_go(self.0.take());
    }
}
