//! `[log]`: what is logged, and how a line of it looks.

use tracing_subscriber::filter::LevelFilter;

/// `[log]`
#[derive(Clone, Debug, PartialEq)]
pub struct Log {
    /// What is logged at all.
    pub level: LevelFilter,
    /// How a line looks.
    pub format: LogFormat,
}

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line, with its time.
    Json,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: LevelFilter::WARN, format: LogFormat::Text }
    }
}
