//! Publishes an event when the one before it is done.
//~ fails with: at most 1 of the 7 events were in flight at the same time
//~ in relay.rs
//~ instead of
            let free = self.settings.in_flight_max - self.tasks.len();
//~ write
            let free = 1 - self.tasks.len();
