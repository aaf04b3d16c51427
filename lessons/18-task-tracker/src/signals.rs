//! Who asks a real service to stop: the operating system, by a signal. What to do when asked is in [`service`](crate::service).

use std::io;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Cancels `stop` at Ctrl-C or SIGTERM. Once this has returned, they no longer end the process.
// ANCHOR: stop-at-signal
#[cfg(unix)]
pub fn stop_at_signal(stop: CancellationToken) -> io::Result<JoinHandle<()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        stop.cancel();
    }))
}
// ANCHOR_END: stop-at-signal

/// Cancels `stop` at Ctrl-C. Once this has returned, it no longer ends the process.
#[cfg(windows)]
pub fn stop_at_signal(stop: CancellationToken) -> io::Result<JoinHandle<()>> {
    let mut interrupt = tokio::signal::windows::ctrl_c()?;
    Ok(tokio::spawn(async move {
        interrupt.recv().await;
        stop.cancel();
    }))
}
