//! [`Floor`]: which keys are being worked on, and how far each has come.

use std::collections::BTreeMap;
use std::sync::Mutex;

use crate::race::consumer::Heard;

/// Sees to it that no two members are at one key, and that each key goes on in its order.
#[derive(Debug, Default)]
pub(super) struct Floor(Mutex<BTreeMap<u8, Key>>);

#[derive(Debug, Default)]
struct Key {
    busy: bool,
    /// The last message of each publisher.
    last: BTreeMap<usize, usize>,
}

impl Floor {
    pub(super) fn begin(&self, heard: Heard) {
        let mut keys = self.0.lock().expect("no panic");
        let key = keys.entry(heard.key).or_default();
        assert!(!std::mem::replace(&mut key.busy, true), "two members are at one key: {heard:?}");
        let before = key.last.insert(heard.publisher, heard.number);
        assert!(before < Some(heard.number), "{heard:?} came behind {before:?}");
    }

    pub(super) fn end(&self, heard: Heard) {
        let mut keys = self.0.lock().expect("no panic");
        keys.get_mut(&heard.key).expect("it has begun").busy = false;
    }
}
