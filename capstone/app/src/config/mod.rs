//! [`Config`]: what the program was told, and where it was told so.
//!
//! `--set` beats the environment, which beats the file, which beats the default. What has a flag of its own (`--db`) is
//! read by the command line from the flag and the environment; [`defaults`] puts the file below them.

mod bound;
mod error;
mod file;
mod keys;
mod kind;
mod listen;
mod log;
mod nearest;
mod origin;
#[cfg(feature = "http")]
mod place;
mod settings;
mod users;

use std::collections::BTreeMap;
use std::path::Path;

use clap::Command;

pub use bound::{Age, Count, Size};
pub use error::ConfigError;
use keys::{Key, keys, unknown};
pub use kind::Secret;
pub use listen::{Listen, TlsFiles};
pub use log::{Log, LogFormat};
pub use origin::Origin;
#[cfg(feature = "http")]
pub use place::Place;
pub use settings::{BusSettings, Http, Nats, Settings, Sink, Store, StreamBounds, Upkeep};
use users::USERS;
pub use users::UserSettings;

/// The file that is read without being named.
const FILE: &str = "capstone.toml";

/// The sample, which says of each setting what it is for.
pub const SAMPLE: &str = include_str!("../../examples/capstone.toml");

/// The settings, and where each was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// What holds.
    pub settings: Settings,
    origins: BTreeMap<&'static str, Origin>,
    /// What the file says of settings that have a flag, by the flag's variable.
    flags: BTreeMap<String, String>,
}

impl Config {
    /// Reads the file (`capstone.toml` here, if there is one and none is named), the environment, and `--set`.
    ///
    /// # Errors
    /// The file cannot be read, or something in it, in the environment or in `--set` is not a setting or not its value.
    pub fn load(
        named: Option<&Path>,
        environment: impl Fn(&str) -> Option<String>,
        set: &[String],
    ) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        let keys = keys();
        if let Some(path) = named.or_else(|| Some(Path::new(FILE)).filter(|path| path.exists())) {
            config.read_file(path, &keys)?;
        }
        for key in keys.iter().filter(|key| key.flag.is_none()) {
            if let Some(text) = environment(&key.variable) {
                config.put(key, &text, Origin::Environment(key.variable.clone()))?;
            }
        }
        for assignment in set {
            let (name, text) = assignment.split_once('=').ok_or(ConfigError::NoAssignment)?;
            let key = keys.iter().find(|key| key.name == name);
            let key = key.ok_or_else(|| unknown(&Origin::Set, name, &keys))?;
            if let Some(flag) = key.flag {
                return Err(ConfigError::HasFlag { name: key.name, flag });
            }
            config.put(key, text, Origin::Set)?;
        }
        config.settings.relay.check().map_err(|error| ConfigError::Unfit(error.to_string()))?;
        Ok(config)
    }

    fn read_file(&mut self, path: &Path, keys: &[Key]) -> Result<(), ConfigError> {
        let file::Contents { entries, users } = file::read(path, keys)?;
        if let Some((line, users)) = users {
            self.settings.listen.users = users;
            self.origins.insert(USERS, Origin::File(path.to_owned(), line));
        }
        for entry in entries {
            let key = &keys[entry.key];
            self.put(key, &entry.text, Origin::File(path.to_owned(), entry.line))?;
            if key.flag.is_some() {
                self.flags.insert(key.variable.clone(), entry.text);
            }
        }
        Ok(())
    }

    fn put(&mut self, key: &Key, text: &str, origin: Origin) -> Result<(), ConfigError> {
        key.set(&mut self.settings, text).map_err(|reason| ConfigError::Value {
            origin: origin.clone(),
            name: key.name,
            reason,
        })?;
        self.origins.insert(key.name, origin);
        Ok(())
    }

    /// One line a setting: its name, its value, and where that comes from. Secrets are not shown.
    ///
    /// # Errors
    /// A variable of a setting that has a flag does not hold such a value.
    pub fn show(&self, environment: impl Fn(&str) -> Option<String>) -> Result<String, ConfigError> {
        let mut shown = self.clone();
        let mut text = String::new();
        for key in keys() {
            if let Some(value) = environment(&key.variable).filter(|_| key.flag.is_some()) {
                shown.put(&key, &value, Origin::Environment(key.variable.clone()))?;
            }
            let (value, origin) = (key.show(&shown.settings), shown.origins.get(key.name));
            text += &format!("{:<24} {value:<24} {}\n", key.name, origin.unwrap_or(&Origin::Default));
        }
        let users: Vec<&str> = self.settings.listen.users.iter().map(UserSettings::name).collect();
        let users = if users.is_empty() { "none".to_owned() } else { users.join(", ") };
        let origin = self.origins.get(USERS).unwrap_or(&Origin::Default);
        Ok(text + &format!("{USERS:<24} {users:<24} {origin}\n"))
    }
}

/// The command line, with what the file says as the default of the flags that mean the same.
#[must_use]
pub fn defaults(command: Command, config: &Config) -> Command {
    // A token that clients must show to this server is not sent to whatever server a client is told of.
    let is_server = command.get_name() == "serve";
    let found = |variable: &str| {
        let is_secret = variable.ends_with("_TOKEN");
        config.flags.get(variable).filter(|_| is_server || !is_secret).cloned()
    };
    let command = command.mut_args(|argument| {
        let variable = argument.get_env().and_then(|name| name.to_str()).map(str::to_owned);
        match variable.and_then(|variable| found(&variable)) {
            Some(text) => argument.required(false).default_value(text).hide_default_value(true),
            None => argument,
        }
    });
    command.mut_subcommands(|subcommand| defaults(subcommand, config))
}

/// The command line without what must be there: enough to find `--config` and `--set`.
#[must_use]
pub fn relaxed(command: Command) -> Command {
    let command = command.mut_args(|argument| match argument.get_env() {
        Some(_) => argument.required(false),
        None => argument,
    });
    command.mut_subcommands(relaxed)
}
