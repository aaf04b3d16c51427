//! Retries as soon as it can. A broker in trouble gets more to do.
//~ fails with: after failure 1 of event 4 the relay waited for
//~ in relay.rs
//~ instead of
        let pause = self.settings.backoff * 2_u32.pow(attempts - 1);
//~ write
        let pause = Duration::from_millis(u64::from(attempts));
