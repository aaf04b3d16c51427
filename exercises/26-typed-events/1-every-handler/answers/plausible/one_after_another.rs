//! Goes on after an error, but each handler still waits for the previous one.
//~ fails with: points was expected to log "credits order 12" at 40 ms, but did so at 340 ms: 300 ms too late
        let mut outcomes = Vec::new();
        for (name, handler) in &self.handlers {
            let call = AssertUnwindSafe(async { handler(order).await });
            let outcome = match call.catch_unwind().await {
                Ok(Ok(())) => Outcome::Ok,
                Ok(Err(error)) => Outcome::Err(error),
                Err(_payload) => Outcome::Panicked,
            };
            outcomes.push((*name, outcome));
        }
        outcomes
