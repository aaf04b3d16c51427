//! Looks again every millisecond, and holds no lock meanwhile.
//~ fails with: it must not poll
        let mut waiting = self.subscribers.read().await.clone();
        waiting.retain(|subscriber| subscriber.topic == topic);
        let mut have_it = 0;
        loop {
            waiting.retain(|subscriber| match subscriber.mailbox.try_send(order) {
                Ok(()) => {
                    have_it += 1;
                    false
                }
                Err(mpsc::error::TrySendError::Full(_)) => true,
                Err(mpsc::error::TrySendError::Closed(_)) => false,
            });
            if waiting.is_empty() {
                return have_it;
            }
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
