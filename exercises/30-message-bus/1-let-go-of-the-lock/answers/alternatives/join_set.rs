//! A set of tasks owns the sends, and the publisher waits for all of them.
        let subscribers = self.subscribers.read().await.clone();
        let mut sends = tokio::task::JoinSet::new();
        for subscriber in subscribers.into_iter().filter(|subscriber| subscriber.topic == topic) {
            sends.spawn(async move { subscriber.mailbox.send(order).await.is_ok() });
        }
        sends.join_all().await.into_iter().filter(|sent| *sent).count()
