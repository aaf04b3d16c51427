//! Without the entry API. `&mut self` makes sure that nobody inserts in between.
//~ region as solved
//~ region as solved
//~ region
        if !self.mailboxes.contains_key(event.customer) {
            let (tx, rx) = mpsc::channel(SLOTS);
            self.actors.spawn(publisher(event.customer, rx, self.journal.clone()));
            self.mailboxes.insert(event.customer, tx);
        }
        self.mailboxes[event.customer].send(event).await.expect("an actor outlives its mailbox");
//~ region as solved
