//! Exercise 16.1: two mirrors have the same file, and a customer waits.

use std::time::Duration;

pub use mirror::Mirror;
use tokio::time::sleep;

/// How long a customer waits.
const PATIENCE: Duration = Duration::from_millis(300);

/// Downloads the file from both mirrors at once. Returns the file that arrives first, as soon as it is there, or `None`
/// when no file has arrived after 300 ms. No download goes on after that, or after the customer has left.
pub async fn download(mirrors: [Mirror; 2]) -> Option<String> {
    let [one, other] = mirrors;
    //~ begin
    // Not cancel safe, and it need not be: nobody wants half a file.
    tokio::select! {
        file = one.download() => Some(file),
        file = other.download() => Some(file),
        () = sleep(PATIENCE) => None,
    }
    //~ starter
    //~| // TODO: this waits for both, however long they take. Take what arrives first, and wait for 300 ms at most.
    //~| let (file, _slower) = tokio::join!(one.download(), other.download());
    //~| Some(file)
    //~ end
}

/// The mirrors. Do not change them.
mod mirror {
    use std::time::Duration;

    use shared::Journal;
    use tokio::time::sleep;

    /// A mirror. Only the mirror knows how long it takes.
    #[derive(Clone, Debug)]
    pub struct Mirror {
        name: &'static str,
        takes: Duration,
        journal: Journal,
    }

    impl Mirror {
        pub fn new(name: &'static str, takes_ms: u64, journal: Journal) -> Self {
            Self { name, takes: Duration::from_millis(takes_ms), journal }
        }

        /// Downloads the file. Logs when it starts, and when it ends or is dropped.
        pub async fn download(self) -> String {
            self.journal.log(self.name, "is asked");
            let mut ending = Ending { mirror: &self, what: "is dropped" };
            sleep(self.takes).await;
            ending.what = "has sent the file";
            format!("the file from {}", self.name)
        }
    }

    /// Logs what became of a download.
    struct Ending<'a> {
        mirror: &'a Mirror,
        what: &'static str,
    }

    impl Drop for Ending<'_> {
        fn drop(&mut self) {
            self.mirror.journal.log(self.mirror.name, self.what);
        }
    }
}
