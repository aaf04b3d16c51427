//! A list is enough for a few customers, and `reserve` waits for the slot before it sends.
//~ region
    mailboxes: Vec<(&'static str, mpsc::Sender<Event>)>,
//~ region
            mailboxes: Vec::new(),
//~ region
        let found = self.mailboxes.iter().position(|(customer, _)| *customer == event.customer);
        let at = found.unwrap_or_else(|| {
            let (tx, rx) = mpsc::channel(SLOTS);
            self.actors.spawn(publisher(event.customer, rx, self.journal.clone()));
            self.mailboxes.push((event.customer, tx));
            self.mailboxes.len() - 1
        });
        let slot = self.mailboxes[at].1.reserve().await.expect("an actor outlives its mailbox");
        slot.send(event);
//~ region as solved
