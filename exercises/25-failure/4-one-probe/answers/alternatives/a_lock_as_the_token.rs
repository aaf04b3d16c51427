//! The probe holds a lock for which nobody waits: `try_lock` fails at once. A dropped probe drops its guard.
//~ region
    HalfOpen(std::sync::Arc<tokio::sync::Mutex<()>>),
//~ region
        let lock = match &mut *self.state() {
            State::Closed => None,
            State::Open { until } if Instant::now() < *until => return Called::Refused,
            State::HalfOpen(lock) => Some(lock.clone()),
            state @ State::Open { .. } => {
                let lock = std::sync::Arc::default();
                *state = State::HalfOpen(std::sync::Arc::clone(&lock));
                Some(lock)
            }
        };
        let probe = match lock.map(|lock| lock.try_lock_owned()) {
            None => None,
            Some(Ok(probe)) => Some(probe),
            Some(Err(_)) => return Called::Refused,
        };
        let result = attempt.await;
        let mut state = self.state();
        match (result, &*state) {
            (Ok(()), _) if probe.is_some() => *state = State::Closed,
            (Err(NoAnswer), _) if probe.is_some() => *state = open(),
            (Err(NoAnswer), State::Closed) => *state = open(),
            _ => {}
        }
        drop(state);
        Called::Through(result)
//~ region
