//! Bob no longer waits behind Ann, but nothing bounds the number of waiting tasks, each of which holds an event.
//~ fails with: left: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
//~ region as solved
//~ region as solved
//~ region
        let mailbox = self.mailboxes.entry(event.customer).or_insert_with(|| {
            let (tx, rx) = mpsc::channel(SLOTS);
            self.actors.spawn(publisher(event.customer, rx, self.journal.clone()));
            tx
        });
        let mailbox = mailbox.clone();
        self.actors.spawn(async move {
            mailbox.send(event).await.expect("an actor outlives its mailbox");
        });
//~ region as solved
