//! When an order becomes free, one more change may be taken, so one worker is enough. If its `next` is dropped, Tokio wakes another.

//~ region as solved
//~ region as solved
//~ region
        self.queue.state().busy.remove(&self.change.order);
        self.queue.changed.notify_one();
