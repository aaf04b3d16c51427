//! Wakes itself as soon as it has found nothing, and so never waits.
//~ fails with: a worker keeps looking at the queue instead of waiting

//~ region as solved
//~ region
                let State { waiting, busy, .. } = &mut *state;
                let free = waiting.iter().position(|change| !busy.contains(&change.order));
                if let Some(change) = free.and_then(|at| waiting.remove(at)) {
                    busy.insert(change.order);
                    return Some(InHand { change, queue: Arc::clone(self) });
                }
                if state.ended && state.waiting.is_empty() {
                    return None;
                }
                let queue = Arc::clone(self);
                tokio::spawn(async move {
                    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                    queue.changed.notify_waiters();
                });
//~ region as solved
