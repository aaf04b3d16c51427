//! Waits, and always for the same time.
//~ fails with: after failure 2 of event 4 the relay waited for
//~ in relay.rs
//~ instead of
        let pause = self.settings.backoff * 2_u32.pow(attempts - 1);
//~ write
        let pause = self.settings.backoff * attempts.min(1);
