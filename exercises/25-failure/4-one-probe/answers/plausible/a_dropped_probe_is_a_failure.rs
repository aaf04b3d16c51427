//! The chapter's rule: a probe that is dropped opens the breaker for another 400 ms.
//~ fails with: at 483 ms dora was expected to log "is sent", but logged "is refused"
//~ region as solved
//~ region as solved
//~ region
struct Probe<'a> {
    breaker: &'a Breaker,
}

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        let mut state = self.breaker.state();
        if let State::Probing = *state {
            *state = open();
        }
    }
}
