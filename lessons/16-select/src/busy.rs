//! Two branches are ready: who wins? At random, or with `biased` the one that stands first.

use tokio::sync::{mpsc, oneshot};

/// Handles orders until it is told to stop. Returns how many it has handled.
// ANCHOR: stop-first
pub async fn stop_first(mut orders: mpsc::Receiver<u32>, mut stop: oneshot::Receiver<()>) -> u32 {
    let mut handled = 0;
    loop {
        // Both are cancel safe. Whoever is told to stop must not take one more, so that is asked first.
        tokio::select! {
            biased;
            _ = &mut stop => return handled,
            received = orders.recv() => match received {
                Some(_order) => handled += 1,
                None => return handled,
            },
        }
    }
}
// ANCHOR_END: stop-first

/// Which of two ready channels wins, without `biased`.
pub async fn of_two_ready(first: &mut mpsc::Receiver<u32>, second: &mut mpsc::Receiver<u32>) -> u32 {
    // Both are cancel safe.
    tokio::select! {
        Some(_) = first.recv() => 1,
        Some(_) = second.recv() => 2,
        else => 0,
    }
}
