//! The guard holds the state that follows, and sets it when it is dropped, however the probe ends.
//~ region as solved
//~ region
        let mut probe = None;
        match &mut *self.state() {
            State::Closed => {}
            State::Open { until } if Instant::now() < *until => return Called::Refused,
            State::Probing => return Called::Refused,
            state => {
                *state = State::Probing;
                probe = Some(Probe { breaker: self, then: State::Open { until: Instant::now() } });
            }
        }
        let result = attempt.await;
        let then = if result.is_ok() { State::Closed } else { open() };
        if let Some(probe) = &mut probe {
            probe.then = then;
        } else if let (State::Open { .. }, state @ State::Closed) = (&then, &mut *self.state()) {
            *state = then;
        }
        Called::Through(result)
//~ region
struct Probe<'a> {
    breaker: &'a Breaker,
    then: State,
}

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        *self.breaker.state() = std::mem::replace(&mut self.then, State::Closed);
    }
}
