//! Two passes, as in the capstone: offers to all under the lock, which awaits nothing, and then waits for all full ones at once.
        let (mut have_it, mut full) = (0, Vec::new());
        for subscriber in self.subscribers.read().await.iter().filter(|subscriber| subscriber.topic == topic) {
            match subscriber.mailbox.try_send(order) {
                Ok(()) => have_it += 1,
                Err(mpsc::error::TrySendError::Full(_)) => full.push(subscriber.mailbox.clone()),
                Err(mpsc::error::TrySendError::Closed(_)) => {}
            }
        }
        let sent = join_all(full.iter().map(|mailbox| mailbox.send(order))).await;
        have_it + sent.into_iter().filter(|sent| sent.is_ok()).count()
