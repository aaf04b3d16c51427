//! The actors are in a `JoinSet`; the tracker stays empty.
//~ region
    mailboxes: std::collections::HashMap<&'static str, mpsc::Sender<Event>>,
    running: tokio::task::JoinSet<()>,
//~ region
            mailboxes: std::collections::HashMap::new(),
            running: tokio::task::JoinSet::new(),
//~ region
        let mailbox = self.mailboxes.entry(event.customer).or_insert_with(|| {
            let (tx, rx) = mpsc::channel(SLOTS);
            self.running.spawn(publisher(event.customer, rx, self.journal.clone()));
            tx
        });
        mailbox.send(event).await.expect("an actor outlives its mailbox");
//~ region
        drop(self.mailboxes);
        self.running.join_all().await;
