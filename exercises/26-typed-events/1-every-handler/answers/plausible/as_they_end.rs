//! A set returns the outcomes in the order in which the handlers end.
//~ fails with: order 12: [("points", Panicked)
        let (mut set, mut names) = (tokio::task::JoinSet::new(), std::collections::HashMap::new());
        for (name, handler) in self.handlers.clone() {
            names.insert(set.spawn(async move { handler(order).await }).id(), name);
        }
        let mut outcomes = Vec::new();
        while let Some(ended) = set.join_next_with_id().await {
            let (id, outcome) = match ended {
                Ok((id, Ok(()))) => (id, Outcome::Ok),
                Ok((id, Err(error))) => (id, Outcome::Err(error)),
                Err(panic) => (panic.id(), Outcome::Panicked),
            };
            outcomes.push((names[&id], outcome));
        }
        outcomes
