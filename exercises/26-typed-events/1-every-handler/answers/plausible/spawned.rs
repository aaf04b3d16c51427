//! A task for each handler. When `emit` is dropped, so are the handles, and the tasks continue.
//~ fails with: at 90 ms mail logged "confirms order 12", which was not expected
        let mut tasks = Vec::new();
        for (name, handler) in self.handlers.clone() {
            tasks.push((name, tokio::spawn(async move { handler(order).await })));
        }
        let mut outcomes = Vec::new();
        for (name, task) in tasks {
            let outcome = match task.await {
                Ok(Ok(())) => Outcome::Ok,
                Ok(Err(error)) => Outcome::Err(error),
                Err(_panic) => Outcome::Panicked,
            };
            outcomes.push((name, outcome));
        }
        outcomes
