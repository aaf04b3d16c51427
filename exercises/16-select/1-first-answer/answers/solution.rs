//! Exercise 16.1: two mirrors have the same file, and a customer waits.

use std::time::Duration;

use tokio::time::sleep;

/// So long a customer waits.
const PATIENCE: Duration = Duration::from_millis(300);

/// Downloads the file from both mirrors at once. Returns the one that comes first, or `None` when neither has come
/// after 300 ms.
pub async fn download(mirrors: [Mirror; 2]) -> Option<String> {
    let [one, other] = mirrors;
    //~ begin
    // Not cancel safe, and not meant to be: half a file is of no use.
    tokio::select! {
        file = one.download() => Some(file),
        file = other.download() => Some(file),
        () = sleep(PATIENCE) => None,
    }
    //~ starter
    //~| // TODO: this waits for both, however long they take. Take what comes first, and wait for 300 ms at most.
    //~| let (file, _slower) = tokio::join!(one.download(), other.download());
    //~| Some(file)
    //~ end
}

/// A mirror that takes so long. Do not change it.
#[derive(Clone, Debug)]
pub struct Mirror {
    pub name: &'static str,
    pub takes: Duration,
}

impl Mirror {
    pub async fn download(self) -> String {
        sleep(self.takes).await;
        format!("the file from {}", self.name)
    }
}
