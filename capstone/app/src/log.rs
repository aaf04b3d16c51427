//! Logs go to standard error: standard output belongs to messages.

use std::io::IsTerminal;

use tracing_subscriber::filter::LevelFilter;

/// Starts logging, at the level in `CAPSTONE_LOG` (`error`, `warn`, `info`, `debug`; `warn` without it).
pub fn start() {
    let level = std::env::var("CAPSTONE_LOG").ok().and_then(|level| level.parse().ok());
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_max_level(level.unwrap_or(LevelFilter::WARN))
        .with_target(false)
        .without_time()
        .init();
}
