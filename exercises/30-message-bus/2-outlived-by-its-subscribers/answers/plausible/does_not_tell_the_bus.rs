//! Looks whether the bus is there, and does not tell it anything.
//~ fails with: was expected to log "has order 4 for 1"

//~ region as solved
//~ region as solved
//~ region
        self.commands.upgrade().is_some()
