//! Waits for a slot in each mailbox, and fills it when it has one.
        let mut mailboxes = Vec::new();
        for subscriber in self.subscribers.read().await.iter() {
            if subscriber.topic == topic {
                mailboxes.push(subscriber.mailbox.clone());
            }
        }
        let sends = mailboxes.iter().map(async |mailbox| match mailbox.reserve().await {
            Ok(slot) => {
                slot.send(order);
                1
            }
            Err(_) => 0,
        });
        join_all(sends).await.into_iter().sum()
