//! The order of `close` and `drop` does not matter: `wait` waits for both.
//~ region as solved
//~ region as solved
//~ region as solved
//~ region
        self.actors.close();
        drop(self.mailboxes);
        self.actors.wait().await;
