//! An order stays busy for ever.
//~ fails with: at 170 ms order 9 was expected to log "change 23 is taken", but never did

//~ region as solved
//~ region as solved
//~ region
        self.queue.changed.notify_waiters();
