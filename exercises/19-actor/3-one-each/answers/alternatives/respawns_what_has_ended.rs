//! An actor that has ended (after a panic) is replaced.
//~ region as solved
//~ region as solved
//~ region
        let alive = self.mailboxes.get(event.customer).filter(|mailbox| !mailbox.is_closed()).cloned();
        let mailbox = alive.unwrap_or_else(|| {
            let (tx, rx) = mpsc::channel(SLOTS);
            self.actors.spawn(publisher(event.customer, rx, self.journal.clone()));
            self.mailboxes.insert(event.customer, tx.clone());
            tx
        });
        mailbox.send(event).await.expect("an actor outlives its mailbox");
//~ region as solved
