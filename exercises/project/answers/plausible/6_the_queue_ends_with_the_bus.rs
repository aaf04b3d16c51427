//! Looks whether the bus has ended before it looks into the queue.
//~ fails with: was published, and the subscription ended instead
//~ in bus.rs
//~ instead of
        self.queue.recv().await
//~ write
        if self.table.upgrade().is_none_or(|table| locked(&table).is_closed) {
            return None;
        }
        self.queue.recv().await
