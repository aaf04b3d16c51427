//! Queues that take whatever comes. A subscriber that is slow fills the memory.
//~ fails with: a queue has 3 slots; the receipt of message 3 is (left)
//~ in bus.rs
//~ instead of
        let (mailbox, queue) = mpsc::channel(self.slots);
//~ write
        let (mailbox, queue) = mpsc::channel(self.slots.max(1_000_000));
