//! A change stays in the queue until it has been written: the first of its order is the one in hand, or the next one to be taken.

//~ region
    in_hand: BTreeSet<u32>,
//~ region
                let State { waiting, ended, in_hand } = &mut *state;
                let mut seen = BTreeSet::new();
                let free = waiting.iter().find(|change| seen.insert(change.order) && !in_hand.contains(&change.id));
                if let Some(&change) = free {
                    in_hand.insert(change.id);
                    return Some(InHand { change, queue: Arc::clone(self) });
                }
                if *ended && waiting.iter().all(|change| in_hand.contains(&change.id)) {
                    return None;
                }
//~ region
        let mut state = self.queue.state();
        state.in_hand.remove(&self.change.id);
        state.waiting.retain(|change| change.id != self.change.id);
        drop(state);
        self.queue.changed.notify_waiters();
