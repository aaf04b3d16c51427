//! Takes the newest change that is free, not the oldest.
//~ fails with: at 0 ms order 7 was expected to log "change 31 is taken", but logged "change 12 is taken"

//~ region as solved
//~ region
                let State { waiting, busy, .. } = &mut *state;
                let free = waiting.iter().rposition(|change| !busy.contains(&change.order));
                if let Some(change) = free.and_then(|at| waiting.remove(at)) {
                    busy.insert(change.order);
                    return Some(InHand { change, queue: Arc::clone(self) });
                }
                if state.ended && state.waiting.is_empty() {
                    return None;
                }
//~ region as solved
