//! A task for each handler, in a set, which aborts them when it is dropped. The position comes with the outcome.
        let mut set = tokio::task::JoinSet::new();
        let mut outcomes: Vec<_> =
            self.handlers.iter().map(|(name, _)| (*name, Outcome::Panicked)).collect();
        for (at, (_, handler)) in self.handlers.clone().into_iter().enumerate() {
            set.spawn(async move { (at, handler(order).await) });
        }
        while let Some(ended) = set.join_next().await {
            match ended {
                Ok((at, Ok(()))) => outcomes[at].1 = Outcome::Ok,
                Ok((at, Err(error))) => outcomes[at].1 = Outcome::Err(error),
                Err(_panic) => {}
            }
        }
        outcomes
