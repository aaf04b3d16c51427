//! Returns before the bus has carried it out.
//~ fails with: what came before is received, and then the subscription ends

//~ region as solved
//~ region as solved
//~ region
        let Some(commands) = self.commands.upgrade() else { return false };
        let (id, (done, _)) = (self.id, oneshot::channel());
        tokio::spawn(async move { commands.send(Command::Unsubscribe { id, done }).await });
        true
