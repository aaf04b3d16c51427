//! Exercise 26.1: a bus that calls all handlers of an order, and reports what became of each.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::future::{BoxFuture, FutureExt, join_all};

/// What a handler returns, in the end.
pub type Handled = Result<(), String>;

/// A handler without its type. It gets the number of an order.
type Handler = Arc<dyn Fn(u32) -> BoxFuture<'static, Handled> + Send + Sync>;

/// What became of a call.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    Ok,
    Err(String),
    Panicked,
}

/// The handlers, in the order in which they were registered.
#[derive(Clone, Default)]
pub struct Bus {
    handlers: Vec<(&'static str, Handler)>,
}

impl Bus {
    /// Registers a handler.
    pub fn on<F>(&mut self, name: &'static str, handler: impl Fn(u32) -> F + Send + Sync + 'static)
    where
        F: Future<Output = Handled> + Send + 'static,
    {
        self.handlers.push((name, Arc::new(move |order| handler(order).boxed())));
    }

    /// Calls all handlers, and waits for all of them.
    pub async fn emit(&self, order: u32) -> Vec<(&'static str, Outcome)> {
        //~ begin
        let calls = self.handlers.iter().map(|(name, handler)| async move {
            // The handler is called inside the block, so that a panic before its future is caught as well.
            let call = AssertUnwindSafe(async { handler(order).await });
            let outcome = match call.catch_unwind().await {
                Ok(Ok(())) => Outcome::Ok,
                Ok(Err(error)) => Outcome::Err(error),
                Err(_payload) => Outcome::Panicked,
            };
            (*name, outcome)
        });
        join_all(calls).await
        //~ starter
        //~| // TODO: each handler waits for the previous one, and the first that fails is the last that is called.
        //~| let mut outcomes = Vec::new();
        //~| for (name, handler) in &self.handlers {
        //~|     match handler(order).await {
        //~|         Ok(()) => outcomes.push((*name, Outcome::Ok)),
        //~|         Err(error) => {
        //~|             outcomes.push((*name, Outcome::Err(error)));
        //~|             break;
        //~|         }
        //~|     }
        //~| }
        //~| outcomes
        //~ end
    }
}
