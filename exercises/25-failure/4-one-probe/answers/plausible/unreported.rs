//! The chapter's wrong version: a probe that is dropped is not reported, and the breaker refuses everybody for ever.
//~ fails with: at 483 ms dora was expected to log "is sent", but logged "is refused"
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
        let result = attempt.await;
        let mut state = self.state();
        match (result, &*state) {
            (Ok(()), _) if is_probe => *state = State::Closed,
            (Err(NoAnswer), _) if is_probe => *state = open(),
            (Err(NoAnswer), State::Closed) => *state = open(),
            _ => {}
        }
        Called::Through(result)
//~ region
