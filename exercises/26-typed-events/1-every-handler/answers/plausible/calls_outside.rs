//! Catches what the future panics with. But `handler(order)` runs outside of it.
//~ fails with: emit panicked: see the message above
        let calls = self.handlers.iter().map(|(name, handler)| {
            let call = AssertUnwindSafe(handler(order)).catch_unwind();
            async move {
                let outcome = match call.await {
                    Ok(Ok(())) => Outcome::Ok,
                    Ok(Err(error)) => Outcome::Err(error),
                    Err(_payload) => Outcome::Panicked,
                };
                (*name, outcome)
            }
        });
        join_all(calls).await
