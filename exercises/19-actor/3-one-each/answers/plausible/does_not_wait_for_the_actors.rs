//! Lets the actors end, and returns before they have.
//~ fails with: main was expected to log "has ended the relay" at 460 ms, but did so at 30 ms
//~ region as solved
//~ region as solved
//~ region as solved
//~ region
        self.actors.close();
        drop(self.mailboxes);
