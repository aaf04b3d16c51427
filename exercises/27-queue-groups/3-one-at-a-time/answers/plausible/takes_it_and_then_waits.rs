//! Takes the oldest change, and then waits for its order. So all workers end up with changes of one order in hand.
//~ fails with: order 9 was expected to log "change 19 is taken" at 0 ms

//~ region as solved
//~ region
            }
            let oldest = self.state().waiting.pop_front();
            if let Some(change) = oldest {
                loop {
                    let freed = self.changed.notified();
                    let is_free = self.state().busy.insert(change.order);
                    if is_free {
                        return Some(InHand { change, queue: Arc::clone(self) });
                    }
                    freed.await;
                }
            }
            {
                if self.state().ended {
                    return None;
                }
//~ region as solved
