//! Several branches are ready: which one wins? A random one, or with `biased` the first from the top.

use tokio::sync::{mpsc, oneshot};

/// Handles orders until it is told to stop. Returns how many it has handled.
// ANCHOR: stop-first
pub async fn stop_first(mut orders: mpsc::Receiver<u32>, mut stop: oneshot::Receiver<()>) -> u32 {
    let mut handled = 0;
    loop {
        // Both are cancel safe. No order may be handled after the stop, so `stop` is polled first.
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
