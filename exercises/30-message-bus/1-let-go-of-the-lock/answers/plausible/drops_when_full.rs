//! Never waits, so it needs no lock for long: what finds a mailbox full is lost.
//~ fails with: at 31 ms shop logged "9 is with 0", which was not expected
        let subscribers = self.subscribers.read().await;
        let wanting = subscribers.iter().filter(|subscriber| subscriber.topic == topic);
        wanting.filter(|subscriber| subscriber.mailbox.try_send(order).is_ok()).count()
