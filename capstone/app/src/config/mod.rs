//! [`Settings`]: what the program can be told, and where it was told so.
//!
//! `--set` beats the environment, which beats the file, which beats the default. What has a flag of its own (`--db`) is
//! read by the command line from the flag and the environment; [`defaults`] puts the file below them.

mod bound;
mod error;
mod file;
mod keys;
mod kind;
mod listen;
mod nearest;
mod users;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use capstone_bus::{Bus, Overflow};
use capstone_outbox::RelayConfig;
use capstone_outbox::stream::StreamConfig;
use clap::Command;
use tracing_subscriber::filter::LevelFilter;

pub use bound::{Age, Count, Size};
pub use error::ConfigError;
use keys::{Key, keys};
pub use kind::Secret;
pub use listen::{Listen, TlsFiles};
pub use users::UserSettings;

/// The file that is read without being named.
const FILE: &str = "capstone.toml";

/// Users are no text, and so no setting like the others.
const USERS: &str = "listen.users";

/// The sample, which says of each setting what it is for.
pub const SAMPLE: &str = include_str!("../../examples/capstone.toml");

/// Every setting. The defaults are those of the libraries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// `[store]`
    pub store: Store,
    /// `[stream]`
    pub stream: StreamBounds,
    /// `[upkeep]` and `[inbox]`
    pub upkeep: Upkeep,
    /// `[relay]` and `[retry]`
    pub relay: RelayConfig,
    /// The part of `[relay]` that is about its sink
    pub sink: Sink,
    /// `[nats]`
    pub nats: Nats,
    /// `[bus]`
    pub bus: BusSettings,
    /// `[listen]`
    pub listen: Listen,
    /// `[http]`
    pub http: Http,
    /// `[log]`
    pub log: Log,
}

/// `[store]`: the database and its streams.
#[derive(Clone, Debug, PartialEq)]
pub struct Store {
    db: Option<String>,
    /// For how long a new stream recognises an id.
    pub dedup_window: Duration,
    /// For how many messages a new stream recognises an id.
    pub dedup_ids: u64,
}

/// `[stream]`: what a new stream keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamBounds {
    age_max: Age,
    count_max: Count,
    bytes_max: Size,
}

/// What a process that serves a database does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upkeep {
    /// How often it looks.
    pub every: Duration,
    /// How long an inbox remembers what it has seen.
    pub inbox_keep: Age,
}

/// The relay's way to its sink.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sink {
    /// A file with the certificates that a server of NATS is trusted by, in place of the system's.
    pub ca: Option<String>,
}

/// `[nats]`: who the relay says that it is to a server of NATS.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Nats {
    credentials: Option<String>,
    /// A file with the seed of a user's key.
    pub nkey_file: Option<String>,
    /// The name of a user who has a password.
    pub user: Option<String>,
    /// That user's password.
    pub password: Option<Secret>,
}

/// `[bus]`: what the bus gives a subscription, and how long a request waits.
#[derive(Clone, Debug, PartialEq)]
pub struct BusSettings {
    capacity: usize,
    overflow: Overflow,
    block_timeout: Duration,
    /// How long `request` waits for a reply.
    pub request_timeout: Duration,
}

/// `[http]`: the status page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Http {
    address: Option<String>,
    /// What a reader of the page must know.
    pub token: Option<Secret>,
}

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

impl Default for Store {
    fn default() -> Self {
        Self { db: None, dedup_window: Duration::from_secs(120), dedup_ids: 100_000 }
    }
}

impl Default for Upkeep {
    fn default() -> Self {
        let (minute, month) = (Duration::from_secs(60), Duration::from_secs(30 * 24 * 3_600));
        Self { every: minute, inbox_keep: Age(Some(month)) }
    }
}

impl Default for BusSettings {
    fn default() -> Self {
        let second = Duration::from_secs(1);
        Self {
            capacity: 1_024,
            overflow: Overflow::Block { timeout: second },
            block_timeout: second,
            request_timeout: Duration::from_secs(5),
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { level: LevelFilter::WARN, format: LogFormat::Text }
    }
}

impl Settings {
    /// A new stream of this name.
    #[must_use]
    pub fn new_stream(&self, name: &str) -> StreamConfig {
        let StreamBounds { age_max, count_max, bytes_max } = self.stream;
        let stream = StreamConfig::new(name).dedup(self.store.dedup_window, self.store.dedup_ids);
        stream.age_max(age_max.0).count_max(count_max.0).bytes_max(bytes_max.0)
    }
}

impl BusSettings {
    /// A bus whose subscriptions are as these settings say.
    #[must_use]
    pub fn bus(&self) -> Bus {
        let overflow = match self.overflow {
            Overflow::Block { .. } => Overflow::Block { timeout: self.block_timeout },
            other => other,
        };
        Bus::builder().capacity(self.capacity).overflow(overflow).build()
    }
}

/// Where a setting was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nowhere.
    Default,
    /// In a line of the file.
    File(PathBuf, usize),
    /// In a variable of the environment.
    Environment(String),
    /// In `--set`.
    Set,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path, line) => write!(f, "{}, line {line}", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::Set => f.write_str("--set"),
        }
    }
}

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
            let key = key.ok_or_else(|| ConfigError::unknown(&Origin::Set, name, &keys))?;
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
