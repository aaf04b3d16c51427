//! Waits for the slowest of each batch before it takes the next one.
//~ fails with: one slow event took one of 3 slots
//~ in relay.rs
//~ instead of
            while let Some(done) = self.tasks.try_join_next() {
//~ write
            while let Some(done) = self.tasks.join_next().await {
