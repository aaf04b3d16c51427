//! A subscription holds the table, and the table its sender: neither is ever dropped.
//~ fails with: the last handle was dropped, and the subscriber still waits for a message
//~ in bus.rs
//~ instead of
use std::sync::{Arc, Mutex, MutexGuard, Weak};
//~ write
use std::sync::{Arc, Mutex, MutexGuard};
//~ instead of
    /// Weak: a subscription does not keep the bus alive.
    table: Weak<Mutex<Table>>,
//~ write
    table: Arc<Mutex<Table>>,
//~ instead of
        Ok(Subscription { id, queue, missed, table: Arc::downgrade(&self.table) })
//~ write
        Ok(Subscription { id, queue, missed, table: Arc::clone(&self.table) })
//~ instead of
        if let Some(table) = self.table.upgrade() {
            locked(&table).subscribers.remove(&self.id);
        }
//~ write
        locked(&self.table).subscribers.remove(&self.id);
