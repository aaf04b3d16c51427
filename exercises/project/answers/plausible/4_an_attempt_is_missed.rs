//! Waits for attempts that become due after the query, and misses one that became due during it.
//~ fails with: `run` did not return within an hour of virtual time
//~ in relay.rs
//~ instead of
        let attempts = self.waiting.values().map(|waiting| waiting.until);
//~ write
        let attempts = self.waiting.values().map(|waiting| waiting.until).filter(|until| *until > Instant::now());
