//! Waits for the next attempt in the task, which keeps its slot.
//~ fails with: an event that waits for its next attempt must take no slot
//~ in relay.rs
//~ instead of
                    Outcome::Retry(attempts)
                }
//~ write
                    tokio::time::sleep(backoff * 2_u32.pow(attempts - 1)).await;
                    Outcome::Retry(attempts)
                }
//~ instead of
        self.tasks.spawn(async move {
//~ write
        let backoff = self.settings.backoff;
        self.tasks.spawn(async move {
//~ instead of
        let pause = self.settings.backoff * 2_u32.pow(attempts - 1);
        pause.mul_f64(1.0 + fastrand::f64() / 4.0)
//~ write
        Duration::ZERO * attempts
