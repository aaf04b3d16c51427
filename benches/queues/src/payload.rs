//! What is sent, and the check that all of it arrives, each once.

use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicUsize};

use serde::{Deserialize, Serialize};

const BYTES: usize = 100;

/// A JSON string of a hundred bytes, which begins with its number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Payload(String);

impl Payload {
    pub fn new(number: usize) -> Self {
        Self(format!("{:x<BYTES$}", format!("{number:08}")))
    }
}

/// What has arrived.
#[derive(Debug)]
pub struct Arrived {
    seen: Vec<AtomicBool>,
    left: AtomicUsize,
}

impl Arrived {
    pub fn none_of(count: usize) -> Self {
        Self { seen: (0..count).map(|_| AtomicBool::new(false)).collect(), left: AtomicUsize::new(count) }
    }

    pub fn take(&self, Payload(text): &Payload) {
        assert_eq!(text.len(), BYTES);
        let number: usize = text[..8].parse().expect("a number");
        assert!(!self.seen[number].swap(true, SeqCst), "{number} has come twice");
        self.left.fetch_sub(1, SeqCst);
    }

    pub fn left(&self) -> usize {
        self.left.load(SeqCst)
    }
}
