//! An attempt from before that has no answer begins the pause again.
//~ fails with: at 453 ms cleo was expected to log "is sent", but logged "is refused"
//~ region as solved
//~ region
        let probe = match &mut *self.state() {
            State::Closed => None,
            State::Open { until } if Instant::now() < *until => return Called::Refused,
            State::Probing => return Called::Refused,
            state @ State::Open { .. } => {
                *state = State::Probing;
                Some(Probe { breaker: self })
            }
        };
        let result = attempt.await;
        let mut state = self.state();
        match result {
            Ok(()) if probe.is_some() => *state = State::Closed,
            Err(NoAnswer) => *state = open(),
            _ => {}
        }
        drop(state);
        Called::Through(result)
//~ region as solved
