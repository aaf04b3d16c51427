//! All at the same time, but a panic in one handler is a panic of the emitter, and ends the other handlers.
//~ fails with: emit panicked: see the message above
        let calls = self.handlers.iter().map(|(name, handler)| async move {
            match handler(order).await {
                Ok(()) => (*name, Outcome::Ok),
                Err(error) => (*name, Outcome::Err(error)),
            }
        });
        join_all(calls).await
