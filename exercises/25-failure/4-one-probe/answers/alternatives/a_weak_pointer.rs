//! The probe owns an `Arc`, and the state a `Weak` to it: when that is dead, there is no probe.
//~ region
    Probing(std::sync::Weak<()>),
//~ region
        let probe = {
            let mut state = self.state();
            let is_over = match &*state {
                State::Closed => false,
                State::Open { until } if Instant::now() < *until => return Called::Refused,
                State::Probing(probe) if probe.strong_count() > 0 => return Called::Refused,
                State::Open { .. } | State::Probing(_) => true,
            };
            is_over.then(|| {
                let probe = std::sync::Arc::new(());
                *state = State::Probing(std::sync::Arc::downgrade(&probe));
                probe
            })
        };
        let result = attempt.await;
        if probe.is_some() {
            *self.state() = if result.is_ok() { State::Closed } else { open() };
        } else if result.is_err() && matches!(*self.state(), State::Closed) {
            *self.state() = open();
        }
        Called::Through(result)
//~ region
