//! Remembers the customer of the last event. When another comes in between, the first gets a second actor.
//~ fails with: at 20 ms ann logged "has an actor", which was not expected
//~ region
    last: Option<(&'static str, mpsc::Sender<Event>)>,
//~ region
            last: None,
//~ region
        if self.last.as_ref().is_none_or(|(customer, _)| *customer != event.customer) {
            let (tx, rx) = mpsc::channel(SLOTS);
            self.actors.spawn(publisher(event.customer, rx, self.journal.clone()));
            self.last = Some((event.customer, tx));
        }
        let (_, mailbox) = self.last.as_ref().expect("it has just been set");
        mailbox.send(event).await.expect("an actor outlives its mailbox");
//~ region
        drop(self.last);
        self.actors.close();
        self.actors.wait().await;
