//! The same with a whole handle: it keeps the bus alive just as well.
//~ fails with: at 37 ms bus was expected to log "ends", but never did

//~ region
        Subscription { id, orders, bus: self.clone() }
//~ region
    bus: Bus,
//~ region
        let (done, unsubscribed) = oneshot::channel();
        let sent = self.bus.commands.send(Command::Unsubscribe { id: self.id, done }).await;
        sent.is_ok() && unsubscribed.await.is_ok()
