//! A list instead of a set: there are no more entries than workers.

//~ region
    in_hand: Vec<Change>,
//~ region
                let State { waiting, in_hand, .. } = &mut *state;
                let is_free = |change: &Change| in_hand.iter().all(|other| other.order != change.order);
                if let Some(change) = waiting.iter().position(is_free).and_then(|at| waiting.remove(at)) {
                    in_hand.push(change);
                    return Some(InHand { change, queue: Arc::clone(self) });
                }
                if state.ended && state.waiting.is_empty() {
                    return None;
                }
//~ region
        self.queue.state().in_hand.retain(|other| other.order != self.change.order);
        self.queue.changed.notify_waiters();
