//! A slow disk that the test controls. It blocks threads on purpose; do not copy it into a service.

use std::sync::{Arc, Barrier};

/// A read blocks the calling *thread*, as those of `std::fs` do, until the test lets the disk answer. The disk serves
/// one read. Clones are handles to the same disk.
#[derive(Clone, Debug)]
pub struct Disk {
    asked: Arc<Barrier>,
    answers: Arc<Barrier>,
}

impl Disk {
    #[expect(clippy::new_without_default, reason = "a disk serves one read, so a default would be used up")]
    pub fn new() -> Self {
        Self { asked: Arc::new(Barrier::new(2)), answers: Arc::new(Barrier::new(2)) }
    }

    /// Blocks the thread until [`Disk::answer`].
    pub fn read(&self) {
        self.asked.wait();
        self.answers.wait();
    }

    /// For the test: returns when a thread is blocked in [`Disk::read`].
    pub fn asked(&self) {
        self.asked.wait();
    }

    /// For the test: lets the read return.
    pub fn answer(&self) {
        self.answers.wait();
    }
}
