//! Leaves a dropped subscription in the table, where each publish tries it again.
//~ fails with: one subscription is kept, and
//~ in bus.rs
//~ instead of
            locked(&table).subscribers.remove(&self.id);
//~ write
            drop(table);
