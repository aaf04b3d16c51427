//! Tells the bus without waiting for it. When its queue is full, nothing is told.
//~ fails with: the bus runs

//~ region as solved
//~ region as solved
//~ region
        let Some(commands) = self.commands.upgrade() else { return false };
        let (done, _) = oneshot::channel();
        commands.try_send(Command::Unsubscribe { id: self.id, done }).is_ok()
