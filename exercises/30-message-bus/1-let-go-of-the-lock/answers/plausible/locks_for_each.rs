//! Takes the lock anew for each subscriber, and still holds it while that one is full.
//~ fails with: audit was expected to log "has its subscription" at 45 ms, but did so at 233 ms
        let (mut at, mut have_it) = (0, 0);
        loop {
            let subscribers = self.subscribers.read().await;
            let Some(subscriber) = subscribers.get(at) else { return have_it };
            if subscriber.topic == topic && subscriber.mailbox.send(order).await.is_ok() {
                have_it += 1;
            }
            at += 1;
        }
