//! Takes it for certain that the bus runs.
//~ fails with: the bus has ended, and a subscriber unsubscribes

//~ region as solved
//~ region as solved
//~ region
        let commands = self.commands.upgrade().expect("the bus has ended, and a subscriber unsubscribes");
        let (done, unsubscribed) = oneshot::channel();
        let sent = commands.send(Command::Unsubscribe { id: self.id, done }).await;
        sent.is_ok() && unsubscribed.await.is_ok()
