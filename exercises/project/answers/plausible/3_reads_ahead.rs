//! Keeps rows in memory, so that a free slot never waits for a query: many more than it can use.
//~ fails with: the rest belongs in the outbox, and not in memory
//~ in relay.rs
//~ instead of
            let events = self.outbox.unsent(free, &except).await;
//~ write
            let events = self.outbox.unsent(100 + free, &except).await;
//~ instead of
                if self.busy.insert(event.key.clone()) {
//~ write
                if self.tasks.len() < self.settings.in_flight_max && self.busy.insert(event.key.clone()) {
