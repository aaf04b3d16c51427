//! [`Interrupt`]: how what runs a handler learns that it is to stop.

use futures::FutureExt;

use crate::base::caught::caught;
use crate::pipeline::outcome::{Outcome, Skip};

/// Of a handler of events, that its registration was cancelled; of one of topics, what its owner or a shutdown says.
pub(crate) trait Interrupt: Send {
    /// Ready when no further attempt is to begin. Takes nothing, so it may be dropped at any time.
    fn told(&mut self) -> impl Future<Output = ()> + Send;

    /// Runs this call, or drops it in here when it is to be cut off, or not to begin.
    fn run(&mut self, call: impl Future<Output = Outcome> + Send) -> impl Future<Output = Outcome> + Send;
}

/// Waits for this, which an error says not to have come: because no further attempt is to begin, or in the panic of a
/// timer that there is none.
///
/// Boxed, because it is for those who must wait: the others, who may be deeply nested, have less on the stack.
pub(crate) fn unless_told<T>(
    interrupt: &mut impl Interrupt,
    wait: impl Future<Output = T> + Send,
) -> impl Future<Output = Result<T, Outcome>> + Send {
    let waited = caught(async move {
        // Cancel safe: what is dropped is a wait, for whatever it was, and there is nothing to be lost.
        tokio::select! {
            biased;
            () = interrupt.told() => Err(Outcome::Skipped(Skip::Cancelled)),
            waited = wait => Ok(waited),
        }
    });
    Box::pin(waited.map(|waited| waited.unwrap_or_else(|payload| Err(Outcome::panicked(payload)))))
}
