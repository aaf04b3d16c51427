//! Exercise 10.3: a task that never gives its thread back.

use std::thread::{self, ThreadId};
use std::time::Duration;

/// How long to rest after each upload.
pub const REST: Duration = Duration::from_millis(200);

/// An upload after compression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compressed {
    pub upload: &'static str,
    /// The thread that did the work.
    pub on: ThreadId,
}

/// Compresses one upload after another and rests after each. Other tasks can run meanwhile.
pub async fn compress_all(uploads: Vec<&'static str>) -> Vec<Compressed> {
    let mut results = Vec::new();
    for upload in uploads {
        //~ begin
        // `compress` blocks, so it gets a thread that may be blocked; this task only waits for it.
        let working = tokio::task::spawn_blocking(move || compress(upload));
        results.push(working.await.expect("compress does not panic"));
        tokio::time::sleep(REST).await;
        //~ starter
        //~| // TODO: both lines block the thread of this task. What can the task await instead?
        //~| results.push(compress(upload));
        //~| thread::sleep(REST);
        //~ end
    }
    results
}

/// Compresses an upload. It blocks the thread that calls it. Do not change it.
pub fn compress(upload: &'static str) -> Compressed {
    Compressed { upload, on: thread::current().id() }
}
