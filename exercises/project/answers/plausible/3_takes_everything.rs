//! Starts whatever a query finds.
//~ fails with: events were in flight at the same time, and 16 are allowed
//~ in relay.rs
//~ instead of
            let free = self.settings.in_flight_max - self.tasks.len();
//~ write
            let free = 10_000;
