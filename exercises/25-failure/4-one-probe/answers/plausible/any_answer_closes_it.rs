//! Takes an answer to an attempt from before for a sign that the service is back.
//~ fails with: at 230 ms emil was expected to log "is refused", but logged "is sent"
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
        match (result, &*state) {
            (Ok(()), _) => *state = State::Closed,
            (Err(NoAnswer), _) if probe.is_some() => *state = open(),
            (Err(NoAnswer), State::Closed) => *state = open(),
            _ => {}
        }
        drop(state);
        Called::Through(result)
//~ region as solved
