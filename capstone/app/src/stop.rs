//! SIGTERM and Ctrl-C: the first asks for a drain, the second ends the process at once.

use tokio_util::sync::CancellationToken;

/// Listens from now on; the token is cancelled by the first signal.
///
/// # Errors
/// The operating system refuses to tell us of signals.
pub fn on_signals() -> std::io::Result<CancellationToken> {
    let mut signals = Signals::listen()?;
    let stop = CancellationToken::new();
    let asked = stop.clone();
    // Ends with the runtime; it owns nothing that must be cleaned up.
    tokio::spawn(async move {
        signals.next().await;
        asked.cancel();
        eprintln!("stopping: waiting for what is under way; once more to exit at once");
        signals.next().await;
        std::process::exit(130);
    });
    Ok(stop)
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        // Both are cancel safe: a signal that is not taken stays for the next call.
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(windows)]
struct Signals {
    interrupt: tokio::signal::windows::CtrlC,
}

#[cfg(windows)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self { interrupt: tokio::signal::windows::ctrl_c()? })
    }

    async fn next(&mut self) {
        self.interrupt.recv().await;
    }
}
