//! Looks for new rows when all events of the last query have ended. They wait for the slowest one.
//~ fails with: event 14 was confirmed at 5
//~ in relay.rs
//~ instead of
            self.start_what_is_unsent().await;
//~ write
            if self.tasks.is_empty() {
                self.start_what_is_unsent().await;
            }
