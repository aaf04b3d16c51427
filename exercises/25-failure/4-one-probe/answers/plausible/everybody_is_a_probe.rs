//! Knows which attempts are from before, and lets everybody through after the pause: the chapter's breaker that is never half-open.
//~ fails with: at 440 ms emil was expected to log "is refused", but logged "is sent"
//~ region
    Probing,
//~ region
        let probe = match &*self.state() {
            State::Open { until } if Instant::now() < *until => return Called::Refused,
            state => matches!(state, State::Open { .. }),
        };
        let result = attempt.await;
        let mut state = self.state();
        match (result, &*state) {
            (Ok(()), _) if probe => *state = State::Closed,
            (Err(NoAnswer), _) if probe => *state = open(),
            (Err(NoAnswer), State::Closed) => *state = open(),
            _ => {}
        }
        drop(state);
        Called::Through(result)
//~ region
