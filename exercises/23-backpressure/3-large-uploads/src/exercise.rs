//! Exercise 23.3: uploads of every size, and memory for 10 MB.

use std::sync::Arc;

use tokio::sync::{Semaphore, mpsc};
use tokio_util::task::TaskTracker;

/// An upload, which takes as much memory as it has megabytes, until it has been stored.
#[derive(Clone, Copy, Debug)]
pub struct Upload {
    pub id: u32,
    pub megabytes: u32,
}

/// Stores uploads. Only the storage knows how long an upload takes.
pub trait Storage: Clone + Send + Sync + 'static {
    fn store(&self, upload: Upload) -> impl Future<Output = ()> + Send;
}

/// At most this many megabytes are being stored at the same time.
pub const MEGABYTES: u32 = 10;

/// Stores all uploads, 10 MB at the same time; a larger upload is stored alone. Returns when the last one has been stored.
pub async fn store_all(mut uploads: mpsc::Receiver<Upload>, storage: impl Storage) {
    // TODO: this stores up to 10 uploads at the same time, whatever their size. Count megabytes instead.
    let memory = Arc::new(Semaphore::new(10));
    let tasks = TaskTracker::new();
    while let Some(upload) = uploads.recv().await {
        let permit = memory.clone().acquire_owned().await.expect("it is never closed");
        let storage = storage.clone();
        tasks.spawn(async move {
            storage.store(upload).await;
            drop(permit);
        });
    }
    tasks.close();
    tasks.wait().await;
}
