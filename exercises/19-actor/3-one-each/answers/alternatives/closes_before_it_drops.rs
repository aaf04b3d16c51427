//! `close` and `drop` may change places: `wait` waits for both.
//~ region as solved
//~ region as solved
//~ region as solved
//~ region
        self.actors.close();
        drop(self.mailboxes);
        self.actors.wait().await;
