//! Every call has the guard, so an attempt from before that is dropped frees the place of the probe.
//~ fails with: at 545 ms finn was expected to log "is refused", but logged "is sent"
//~ region as solved
//~ region
        let is_probe = match &mut *self.state() {
            State::Closed => false,
            State::Open { until } if Instant::now() < *until => return Called::Refused,
            State::Probing => return Called::Refused,
            state @ State::Open { .. } => {
                *state = State::Probing;
                true
            }
        };
        let guard = Probe { breaker: self };
        let result = attempt.await;
        let mut state = self.state();
        match (result, &*state) {
            (Ok(()), _) if is_probe => *state = State::Closed,
            (Err(NoAnswer), _) if is_probe => *state = open(),
            (Err(NoAnswer), State::Closed) => *state = open(),
            _ => {}
        }
        drop(state);
        if !is_probe {
            std::mem::forget(guard);
        }
        Called::Through(result)
//~ region as solved
