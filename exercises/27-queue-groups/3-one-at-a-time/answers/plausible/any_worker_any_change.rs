//! The chapter's own mistake: the order is marked as busy, and nobody looks at the mark.
//~ fails with: order 9 was expected to log "change 19 is taken" at 0 ms

//~ region as solved
//~ region
                if let Some(change) = state.waiting.pop_front() {
                    state.busy.insert(change.order);
                    return Some(InHand { change, queue: Arc::clone(self) });
                }
                if state.ended {
                    return None;
                }
//~ region as solved
