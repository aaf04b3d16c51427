//! Queries once, so what is committed later is left in the outbox.
//~ fails with: event 6 was never published
//~ in relay.rs
//~ instead of
            self.start_what_is_unsent().await;
//~ write
            self.start_what_is_unsent().await;
            self.finish().await;
            if self.tasks.is_empty() {
                return;
            }
