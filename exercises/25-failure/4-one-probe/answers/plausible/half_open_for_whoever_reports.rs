//! While a probe is under way, any attempt that ends decides, also one from before.
//~ fails with: at 510 ms emil was expected to log "is refused", but logged "is sent"
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
            (_, State::Open { .. }) => {}
            (Ok(()), _) => *state = State::Closed,
            (Err(NoAnswer), _) => *state = open(),
        }
        drop(state);
        drop(probe);
        Called::Through(result)
//~ region as solved
