//! Exercise 20.2: what to do with a configuration file that has just been read.

use std::str::FromStr;

use tokio::sync::watch;

/// What a relay is configured with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub batch_size: u32,
}

/// For a service that has no file at all.
impl Default for Config {
    fn default() -> Self {
        Self { batch_size: 10 }
    }
}

/// Takes on what the file says. `Ok(true)` when that is something new: then the readers are told. `Ok(false)` when it is
/// what we have: then nobody is told.
///
/// # Errors
/// The file is bad, with the reason. The configuration stays what it is, and nobody is told.
pub fn take_on(text: &str, config: &watch::Sender<Config>) -> Result<bool, String> {
    //~ begin
    let new: Config = text.parse()?;
    Ok(config.send_if_modified(|current| {
        let changed = *current != new;
        *current = new;
        changed
    }))
    //~ starter
    //~| // TODO: this tells the readers each time, and takes on the default when the file is bad.
    //~| config.send_replace(text.parse().unwrap_or_default());
    //~| Ok(true)
    //~ end
}

impl FromStr for Config {
    type Err = String;

    /// Reads `batch_size = 100`. Do not change it.
    fn from_str(text: &str) -> Result<Self, String> {
        let value = text.trim().strip_prefix("batch_size = ").ok_or("there is no batch_size")?;
        let batch_size = value.parse().map_err(|_| format!("batch_size is no number: {value}"))?;
        Ok(Self { batch_size })
    }
}
