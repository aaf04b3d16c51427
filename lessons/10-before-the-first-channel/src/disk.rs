//! A slow disk that the test plays. It blocks threads on purpose, and is no example of how to write a service.

use std::sync::{Arc, Barrier};

/// Reads block the calling *thread*, as those of `std::fs` do, until somebody lets the disk answer. It serves one
/// read. Clones are handles to the same disk.
#[derive(Clone, Debug)]
pub struct Disk {
    asked: Arc<Barrier>,
    answers: Arc<Barrier>,
}

impl Disk {
    #[expect(clippy::new_without_default, reason = "a disk is made on purpose, not by default")]
    pub fn new() -> Self {
        Self { asked: Arc::new(Barrier::new(2)), answers: Arc::new(Barrier::new(2)) }
    }

    /// Blocks the thread until [`Disk::answer`].
    pub fn read(&self) {
        self.asked.wait();
        self.answers.wait();
    }

    /// For the test: returns when a thread stands in [`Disk::read`].
    pub fn asked(&self) {
        self.asked.wait();
    }

    /// For the test: lets the read return.
    pub fn answer(&self) {
        self.answers.wait();
    }
}
