//! Exercise 31.2: a hedged request.

use std::pin::pin;
use std::time::Duration;

use tokio::time::timeout;

/// How long mirror 1 may take before mirror 2 is asked as well.
pub const PATIENCE: Duration = Duration::from_millis(60);

/// A mirror has no answer, and a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Down(pub &'static str);

/// Two mirrors, 1 and 2. Clones are handles to the same ones. Do not change it.
pub trait Mirrors: Clone + Send + Sync + 'static {
    /// Asks a mirror for the size of the file.
    fn ask(&self, mirror: u32) -> impl Future<Output = Result<u64, Down>> + Send;
}

/// Asks mirror 1, and mirror 2 as well when that takes long.
///
/// # Errors
/// Both mirrors are down.
pub async fn fetch(mirrors: impl Mirrors) -> Result<u64, Down> {
    // TODO: the answer of mirror 1 is lost when it comes after 60 ms.
    match timeout(PATIENCE, mirrors.ask(1)).await {
        Ok(answer) => answer,
        Err(_elapsed) => mirrors.ask(2).await,
    }
}
