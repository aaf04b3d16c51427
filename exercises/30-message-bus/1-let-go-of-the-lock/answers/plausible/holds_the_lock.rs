//! The chapter's wrong version, with all sends at once: the guard lives until the end of the function.
//~ fails with: audit was expected to log "has its subscription" at 45 ms, but did so at 233 ms
        let subscribers = self.subscribers.read().await;
        let wanting = subscribers.iter().filter(|subscriber| subscriber.topic == topic);
        let sent = join_all(wanting.map(|subscriber| subscriber.mailbox.send(order))).await;
        sent.into_iter().filter(|sent| sent.is_ok()).count()
