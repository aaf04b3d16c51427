//! One actor keeps all events in order, but each waits for all before it, whichever customer they belong to.
//~ fails with: at 370 ms bob was expected to log "has an actor", but never did
//~ region
    mailbox: Option<mpsc::Sender<Event>>,
//~ region
            mailbox: None,
//~ region
        let mailbox = self.mailbox.get_or_insert_with(|| {
            let (tx, rx) = mpsc::channel(SLOTS);
            self.actors.spawn(publisher(event.customer, rx, self.journal.clone()));
            tx
        });
        mailbox.send(event).await.expect("an actor outlives its mailbox");
//~ region
        drop(self.mailbox);
        self.actors.close();
        self.actors.wait().await;
