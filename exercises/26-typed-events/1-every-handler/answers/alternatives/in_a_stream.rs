//! `buffered` with room for all handlers runs them at the same time, and keeps their order.
        use futures::stream::{self, StreamExt};

        let calls = self.handlers.iter().map(|(name, handler)| async move {
            let outcome = match AssertUnwindSafe(async { handler(order).await }).catch_unwind().await {
                Ok(Ok(())) => Outcome::Ok,
                Ok(Err(error)) => Outcome::Err(error),
                Err(_payload) => Outcome::Panicked,
            };
            (*name, outcome)
        });
        stream::iter(calls).buffered(self.handlers.len().max(1)).collect().await
