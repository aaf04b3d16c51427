//! SIGTERM and Ctrl-C: the first asks for a drain, the second ends the process at once. SIGHUP, which says that the terminal was closed,
//! only ever asks: it may come several times, and nobody is there who could mean it.

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
        while signals.next().await == Wish::HungUp {
            drain(&asked);
        }
        drain(&asked);
        while signals.next().await == Wish::HungUp {}
        std::process::exit(130);
    });
    Ok(stop)
}

fn drain(stop: &CancellationToken) {
    stop.cancel();
    say!("stopping: waiting for what is under way; once more to exit at once");
}

/// What a signal says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    Stop,
    #[cfg_attr(windows, expect(dead_code, reason = "a console that is closed ends the process"))]
    HungUp,
}

#[cfg(unix)]
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
    hangup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let hangup = if is_hangup_ignored() { None } else { Some(signal(SignalKind::hangup())?) };
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hangup,
        })
    }

    async fn next(&mut self) -> Wish {
        let hung_up = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => std::future::pending().await,
            }
        };
        // All are cancel safe: a signal that is not taken stays for the next call.
        tokio::select! {
            _ = self.terminate.recv() => Wish::Stop,
            _ = self.interrupt.recv() => Wish::Stop,
            _ = hung_up => Wish::HungUp,
        }
    }
}

/// Whether the process was started so that it outlives its terminal, as by `nohup`. Listening would undo that. Where the kernel does
/// not say it as Linux does, nobody knows.
#[cfg(unix)]
fn is_hangup_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // The signals are counted from 1, and SIGHUP is the first.
    ignored.is_some_and(|mask| mask & 1 == 1)
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

    async fn next(&mut self) -> Wish {
        self.interrupt.recv().await;
        Wish::Stop
    }
}
