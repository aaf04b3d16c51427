//! Waits until the failed event has succeeded, and with it everything else.
//~ fails with: an event that waits for its next attempt must take no slot
//~ in relay.rs
//~ instead of
            let free = self.settings.in_flight_max - self.tasks.len();
//~ write
            if let Some(waiting) = self.waiting.values().find(|waiting| waiting.until > Instant::now()) {
                sleep_until(waiting.until).await;
            }
            let free = self.settings.in_flight_max - self.tasks.len();
