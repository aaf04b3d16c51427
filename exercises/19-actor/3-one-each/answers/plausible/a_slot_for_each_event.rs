//! A mailbox of a million slots: `publish` practically never waits, and memory has no bound.
//~ fails with: left: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
//~ region as solved
//~ region as solved
//~ region
        let mailbox = self.mailboxes.entry(event.customer).or_insert_with(|| {
            let (tx, rx) = mpsc::channel(1_000_000);
            self.actors.spawn(publisher(event.customer, rx, self.journal.clone()));
            tx
        });
        mailbox.send(event).await.expect("an actor outlives its mailbox");
//~ region as solved
