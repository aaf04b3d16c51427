//! The configuration file: two lines. A service would use `serde`; what matters here is that the values are validated.

use std::fmt::{self, Display};
use std::str::FromStr;

/// A complete, validated configuration.
// ANCHOR: config
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub broker: String,
    pub batch_size: u32,
}
// ANCHOR_END: config

/// What is wrong with the file.
#[derive(Debug, PartialEq, Eq)]
pub struct BadConfig(String);

impl FromStr for Config {
    type Err = BadConfig;

    fn from_str(text: &str) -> Result<Self, BadConfig> {
        let (mut broker, mut batch_size) = (None, None);
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let (key, value) = line.split_once('=').ok_or_else(|| BadConfig(format!("no `=` in {line}")))?;
            match (key.trim(), value.trim()) {
                ("broker", value) => broker = Some(value.to_owned()),
                ("batch_size", value) => batch_size = Some(batch_size_of(value)?),
                (key, _) => return Err(BadConfig(format!("unknown key: {key}"))),
            }
        }
        Ok(Self { broker: present("broker", broker)?, batch_size: present("batch_size", batch_size)? })
    }
}

fn batch_size_of(value: &str) -> Result<u32, BadConfig> {
    let batch_size = value.parse().ok().filter(|size| (1..=1000).contains(size));
    batch_size.ok_or_else(|| BadConfig(format!("batch_size must be 1 to 1000: {value}")))
}

/// A half-written file is a bad file: a key is missing.
fn present<T>(key: &str, value: Option<T>) -> Result<T, BadConfig> {
    value.ok_or_else(|| BadConfig(format!("{key} is missing")))
}

impl Display for BadConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadConfig {}
