//! The senders in the map still exist, so the actors wait for more events, and `end` waits for the actors.
//~ fails with: gives up: `end` does not return. Which senders still exist?
//~ region as solved
//~ region as solved
//~ region as solved
//~ region
        self.actors.close();
        self.actors.wait().await;
