//! [`ConfigError`]: where a setting is wrong, and what to write instead.

use std::path::PathBuf;

use thiserror::Error;

use super::origin::Origin;

/// A setting that is none, or not its value. No text holds a secret.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ConfigError {
    /// The file is not there, or is not ours to read.
    #[error("{}: {reason}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        reason: String,
    },
    /// The file is no TOML.
    #[error("{}, line {line}: {reason}", .path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What the parser says.
        reason: String,
    },
    /// Nothing that can be set has this name.
    #[error("{origin}: there is no setting {name}; the nearest is {nearest}")]
    Unknown {
        /// Where it stands.
        origin: Origin,
        /// The name.
        name: String,
        /// One that exists.
        nearest: String,
    },
    /// A value that the setting cannot have.
    #[error("{origin}: {name}: {reason}")]
    Value {
        /// Where it stands.
        origin: Origin,
        /// The setting.
        name: &'static str,
        /// What to write.
        reason: String,
    },
    /// `--set` without a value.
    #[error("--set: write SECTION.NAME=VALUE, such as relay.fetch_rows=100")]
    NoAssignment,
    /// `--set` for something that has a flag.
    #[error("--set: {name} has a flag of its own: {flag}")]
    HasFlag {
        /// The setting.
        name: &'static str,
        /// Its flag.
        flag: &'static str,
    },
    /// Each is right for itself, but not all together.
    #[error("{0}")]
    Unfit(String),
}
