//! In order, because `publish` waits for the actor: two customers wait for one another.
//~ fails with: bob was expected to log "has an actor" at 10 ms, but did so at 320 ms: 310 ms too late
//~ region as solved
//~ region as solved
//~ region
        let (tx, rx) = mpsc::channel(SLOTS);
        tx.send(event).await.expect("the mailbox is empty");
        drop(tx);
        self.actors.spawn(publisher(event.customer, rx, self.journal.clone())).await.expect("it ends");
//~ region as solved
