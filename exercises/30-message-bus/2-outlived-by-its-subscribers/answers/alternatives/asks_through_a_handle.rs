//! Makes a handle for the moment, and drops it when the answer is there.

//~ region as solved
//~ region as solved
//~ region
        let Some(bus) = self.commands.upgrade().map(|commands| Bus { commands }) else { return false };
        let (done, unsubscribed) = oneshot::channel();
        if bus.commands.send(Command::Unsubscribe { id: self.id, done }).await.is_err() {
            return false;
        }
        unsubscribed.await.is_ok()
