//! Says how many there were, not how many have it.
//~ fails with: one of the two subscribers has order 2, the other is gone
        let subscribers = self.subscribers.read().await.clone();
        let wanting = subscribers.iter().filter(|subscriber| subscriber.topic == topic);
        join_all(wanting.map(|subscriber| subscriber.mailbox.send(order))).await.len()
