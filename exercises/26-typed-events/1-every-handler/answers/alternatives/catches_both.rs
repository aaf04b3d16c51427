//! Catches the two panics in two places: that of the call, and that of the future.
        let calls = self.handlers.iter().map(|(name, handler)| {
            let called = std::panic::catch_unwind(AssertUnwindSafe(|| handler(order)));
            async move {
                let ended = match called {
                    Ok(future) => AssertUnwindSafe(future).catch_unwind().await,
                    Err(payload) => Err(payload),
                };
                let outcome = match ended {
                    Ok(Ok(())) => Outcome::Ok,
                    Ok(Err(error)) => Outcome::Err(error),
                    Err(_payload) => Outcome::Panicked,
                };
                (*name, outcome)
            }
        });
        join_all(calls).await
