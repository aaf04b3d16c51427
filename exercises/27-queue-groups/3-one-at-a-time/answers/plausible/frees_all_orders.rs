//! Frees the orders of all workers.
//~ fails with: order 7 was expected to log "change 4 is taken" at 347 ms, but did so at 241 ms: 106 ms too early

//~ region as solved
//~ region as solved
//~ region
        self.queue.state().busy.clear();
        self.queue.changed.notify_waiters();
