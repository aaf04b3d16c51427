//! The others wait until the probe has ended, instead of being refused.
//~ fails with: at 440 ms emil was expected to log "is refused"
//~ region
    Probing(std::sync::Arc<tokio::sync::Mutex<()>>),
//~ region
        let lock = match &mut *self.state() {
            State::Closed => None,
            State::Open { until } if Instant::now() < *until => return Called::Refused,
            State::Probing(lock) => Some(lock.clone()),
            state @ State::Open { .. } => {
                let lock = std::sync::Arc::default();
                *state = State::Probing(std::sync::Arc::clone(&lock));
                Some(lock)
            }
        };
        let _waiting = match &lock {
            Some(lock) => Some(lock.lock().await),
            None => None,
        };
        let result = attempt.await;
        let mut state = self.state();
        match (result, &*state) {
            (Ok(()), _) if lock.is_some() => *state = State::Closed,
            (Err(NoAnswer), _) if lock.is_some() => *state = open(),
            (Err(NoAnswer), State::Closed) => *state = open(),
            _ => {}
        }
        drop(state);
        Called::Through(result)
//~ region
