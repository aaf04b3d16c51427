//! Exercise 10.3: a task that never gives its thread back.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Compresses one upload after another and rests after each. Returns the new sizes, in the order of `uploads`.
/// Other tasks can run meanwhile.
pub async fn compress_all(uploads: Vec<&'static str>, library: Library, rest: Duration) -> Vec<u64> {
    //~ begin
    let mut sizes = Vec::new();
    for upload in uploads {
        // `compress` blocks, so it gets a thread that may be blocked; this task only waits for it.
        let library = library.clone();
        let working = tokio::task::spawn_blocking(move || library.compress(upload));
        sizes.push(working.await.expect("compress does not panic"));
        tokio::time::sleep(rest).await;
    }
    sizes
    //~ starter
    //~| // TODO: two lines block the thread of this task. What can the task await instead?
    //~| let mut sizes = Vec::new();
    //~| for upload in uploads {
    //~|     sizes.push(library.compress(upload));
    //~|     thread::sleep(rest);
    //~| }
    //~| sizes
    //~ end
}

/// A library that compresses, written in C. Each test decides how long it works. Do not change it.
#[derive(Clone)]
pub struct Library {
    pub work: Arc<dyn Fn(&'static str) -> u64 + Send + Sync>,
}

impl Library {
    /// Compresses an upload and returns its new size. Blocks the calling thread until it is done.
    pub fn compress(&self, upload: &'static str) -> u64 {
        (self.work)(upload)
    }
}
