//! Logs go to standard error: standard output belongs to messages.

use std::io::IsTerminal;

use crate::config::{Log, LogFormat};

/// Starts logging, as `[log]` and `CAPSTONE_LOG` say.
pub fn start(log: &Log) {
    let lines = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        // It would complain where it could not write, and end the process.
        .log_internal_errors(false)
        .with_max_level(log.level);
    match log.format {
        LogFormat::Text => lines.with_target(false).without_time().init(),
        LogFormat::Json => lines.json().init(),
    }
}
