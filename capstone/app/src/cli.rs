//! The command line, and the help that teaches it.

mod operators;
mod seconds;
mod sink;
mod streams;

#[cfg(feature = "wire")]
use std::net::SocketAddr;
use std::path::PathBuf;
#[cfg(feature = "wire")]
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

#[cfg(feature = "http")]
use crate::config::Place;
use crate::database::Database;
#[cfg(feature = "wire")]
use crate::server::{Server, Token};
pub use operators::{
    DeadChoice, DeadCommand, DeadList, DeadShow, Doctor, KeyChoice, KeyDiscard, KeyRetry, KeysCommand,
    KeysList, Outbox, Pause, Resume,
};
#[cfg(feature = "wire")]
use seconds::seconds;
#[cfg(feature = "nats")]
pub use sink::NewStream;
pub use sink::{STREAM, SinkName};
pub use streams::{
    LettersChoice, ReplayFrom, StreamCommand, StreamDeadChoice, StreamDeadCommand, StreamDeadList,
    StreamGone, StreamList, StreamReplay, StreamSet, StreamTrim,
};

/// Carries messages from a database to the world: at least once, in order per key.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Without a command: the demonstration, which checks itself.\n\n\
                  A first round trip:\n  \
                  echo '{\"topic\":\"orders.created\",\"key\":\"order-1\",\"payload\":{\"cents\":1250}}' \\\n    \
                  | capstone enqueue --db sqlite:shop.db\n  \
                  capstone relay --db sqlite:shop.db --sink stdout --until-empty\n\n\
                  Exit codes: 0 done, 1 failed, 2 wrong usage, 3 stopped with work left.\n\
                  SIGTERM and Ctrl-C drain; a second one exits at once with 130. SIGHUP, from a terminal that is closed, drains too, \
                  however often it comes, unless nohup keeps it away.\n\n\
                  Settings: a flag beats CAPSTONE_... in the environment, which beats capstone.toml.\n  \
                  capstone config sample > capstone.toml   all of them, with what each is for\n  \
                  capstone config show                     what holds, and where it comes from"
)]
pub struct Cli {
    /// Read the settings from this file; without it, from ./capstone.toml if it is there
    #[arg(long, global = true, env = "CAPSTONE_CONFIG", value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// Set something for this run, such as relay.fetch_rows=100; may be repeated
    #[arg(long, global = true, value_name = "SECTION.NAME=VALUE")]
    pub set: Vec<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show it all at work: an order service, a relay, subscribers, and a check of the ledger
    Demo(Demo),
    /// Create or update the tables; safe to repeat
    Migrate(Migrate),
    /// Copy an SQLite database while it is in use
    Backup(Backup),
    /// Put messages into the outbox, one JSON object a line
    Enqueue(Enqueue),
    /// Carry committed messages to a sink
    Relay(Relay),
    /// Show what waits, what is held, what was given up
    Status(Status),
    /// Look for what is wrong, or may go wrong, and say what to do about it
    Doctor(Doctor),
    /// Messages that were given up: look at them, send them again, delete them
    #[command(subcommand)]
    Dead(DeadCommand),
    /// Keys in trouble: look at them, retry them, skip what blocks them
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Publish nothing until resume
    Pause(Pause),
    /// Go on after pause
    Resume(Resume),
    /// Durable topics: show them, read them again; what their consumers gave up
    #[command(subcommand)]
    Stream(StreamCommand),
    /// Run a bus that NATS clients can connect to, and the relay of a database, until it is stopped
    #[cfg(feature = "wire")]
    Serve(Serve),
    /// Publish one message to a server that speaks the NATS protocol
    #[cfg(feature = "wire")]
    Publish(Publish),
    /// Print what is published on a pattern
    #[cfg(feature = "wire")]
    Subscribe(Subscribe),
    /// Ask, and print the reply
    #[cfg(feature = "wire")]
    Request(Request),
    /// Try patterns against topics
    #[command(subcommand)]
    Topic(TopicCommand),
    /// The settings: which hold, and which there are
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// Options of `demo`.
#[derive(Clone, Debug, Args)]
pub struct Demo {
    /// How many messages to commit
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..=10_000_000))]
    pub messages: u32,
    /// Over how many keys; each key's order is checked
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub keys: u32,
    /// A database of its own: sqlite:PATH without a file, or an empty postgres://USER@HOST/DATABASE. Otherwise one in a
    /// temporary folder
    #[arg(long, value_name = "URL")]
    pub db: Option<Database>,
    /// Go on in --db where an earlier demonstration was killed; the verdict is about all of them
    #[arg(long, requires = "db")]
    pub resume: bool,
    /// Print one JSON object instead of the summary
    #[arg(long)]
    pub json: bool,
}

impl Default for Demo {
    fn default() -> Self {
        Self { messages: 20_000, keys: 200, db: None, resume: false, json: false }
    }
}

/// Options of `migrate`.
#[derive(Debug, Args)]
#[command(
    after_help = "For a tool that keeps migrations (Flyway, sqlx, Django …): capstone migrate --db URL --print > next.sql\n\
                        Run what is printed in one transaction: psql -1 -v ON_ERROR_STOP=1 -f next.sql"
)]
pub struct Migrate {
    /// The database: sqlite:PATH, or postgres://USER@HOST/DATABASE. An application's own keeps its tables and gets ours beside
    /// them
    #[arg(long, env = "CAPSTONE_DB", hide_env_values = true, value_name = "URL")]
    pub db: Database,
    /// Change nothing, and print the SQL that would be run; nothing if the tables are up to date
    #[arg(long)]
    pub print: bool,
    /// With --print: from this version of the tables, 0 for none, without looking into the database
    #[arg(long, requires = "print", value_name = "VERSION")]
    pub from: Option<usize>,
}

/// Options of `backup`.
#[derive(Debug, Args)]
#[command(
    after_help = "The copy is the database at one moment; nobody waits for it. To put it back: stop every process that uses the database,\n\
                        move its file, -wal and -shm away, move the copy there, and start again.\n\
                        A relay then delivers again what had been delivered since the copy was made."
)]
pub struct Backup {
    /// The database: sqlite:PATH
    #[arg(long, env = "CAPSTONE_DB", hide_env_values = true, value_name = "URL")]
    pub db: Database,
    /// The copy: a file that is not there yet
    #[arg(long, value_name = "PATH")]
    pub to: PathBuf,
}

/// Options of `enqueue`.
#[derive(Debug, Args)]
#[command(
    after_help = "A line: {\"topic\",\"payload\" or \"payload_base64\",\"key\"?,\"headers\"?,\"id\"?}\n\
                        All lines of a file are one transaction: one bad line, and nothing is enqueued.\n\
                        A message whose id is pending, held or dead already is skipped."
)]
pub struct Enqueue {
    /// The database: sqlite:PATH, or postgres://USER@HOST/DATABASE
    #[arg(long, env = "CAPSTONE_DB", hide_env_values = true, value_name = "URL")]
    pub db: Database,
    /// The lines; - is standard input
    #[arg(long, default_value = "-")]
    pub file: String,
    /// Commit lines as they arrive, and stop at the first bad one: all before it are enqueued, and none behind it
    #[arg(long)]
    pub per_line: bool,
    /// With --per-line: print the id of each message once it is committed
    #[arg(long, requires = "per_line")]
    pub acknowledge: bool,
}

/// Options of `relay`.
#[derive(Debug, Args)]
#[command(
    after_help = "Several relays may run. On SQLite one works, the others stand by and take over; on PostgreSQL they share the work.\n\
                        A file is made again where it was renamed or removed: rotate it with logrotate's create and delaycompress.\n\
                        A NATS server is told CAPSTONE_NATS_USER and CAPSTONE_NATS_PASSWORD, --nats-creds or nats.nkey_file; else CAPSTONE_TOKEN."
)]
pub struct Relay {
    /// The database: sqlite:PATH, or postgres://USER@HOST/DATABASE
    #[arg(long, env = "CAPSTONE_DB", hide_env_values = true, value_name = "URL")]
    pub db: Database,
    /// Where to: stdout, file:PATH, stream:NAME in the same database (stream alone is stream:outbox), or nats://HOST:PORT or
    /// tls://HOST:PORT for JetStream, which needs the feature nats
    #[arg(long, value_name = "SINK")]
    pub sink: SinkName,
    /// For nats: first create this stream, unless it is there with these subjects
    #[cfg(feature = "nats")]
    #[arg(long, value_name = "NAME=SUBJECT,...")]
    pub create_stream: Option<NewStream>,
    /// For nats: a user's credentials, a JWT and its key, in a file as nsc writes it
    #[cfg(feature = "nats")]
    #[arg(long, env = "CAPSTONE_NATS_CREDENTIALS", value_name = "FILE")]
    pub nats_creds: Option<PathBuf>,
    /// Stop when everything committed is delivered, given up or parked
    #[arg(long)]
    pub until_empty: bool,
}

/// Options of `status`.
#[derive(Debug, Args)]
pub struct Status {
    /// The database: sqlite:PATH, or postgres://USER@HOST/DATABASE
    #[arg(long, env = "CAPSTONE_DB", hide_env_values = true, value_name = "URL")]
    pub db: Database,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// The commands under `topic`.
#[derive(Debug, Subcommand)]
pub enum TopicCommand {
    /// Does the pattern match the topic? Without arguments: lines of PATTERN, a tab and TOPIC on standard input
    #[command(after_help = "Answers true, false or error: ..., a line for each.\n\
                            * stands for one token, a last > for one or more: orders.* matches orders.created.")]
    Match(TopicMatch),
}

/// The commands under `config`.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print every setting, its value, and where that comes from; secrets are hidden
    Show,
    /// Print a capstone.toml with the defaults, and what each setting is for
    Sample,
}

/// Options of `topic match`.
#[derive(Debug, Args)]
pub struct TopicMatch {
    /// For example orders.*
    #[arg(requires = "topic")]
    pub pattern: Option<String>,
    /// For example orders.created
    pub topic: Option<String>,
}

/// Options of `serve`.
#[cfg(feature = "wire")]
#[derive(Debug, Args)]
#[command(after_help = "Any NATS client can connect: capstone subscribe, or a library in any language.\n\
                        An address that other machines can reach needs a token or a user: [listen] in capstone.toml, which has\n\
                        the limits of a client, what each user may do, and TLS as well.\n\n\
                        With --db, messages go from the outbox into the stream \"outbox\", and clients get what is new in it.\n\
                        The bus forgets what nobody was there to hear: capstone stream replay has all of it.")]
pub struct Serve {
    /// Carry this database's messages into its stream, and from the stream's tail to the bus
    #[arg(long, env = "CAPSTONE_DB", hide_env_values = true, value_name = "URL")]
    pub db: Option<Database>,
    /// Where to listen for NATS clients
    #[arg(long, env = "CAPSTONE_LISTEN", default_value = "127.0.0.1:4222", value_name = "HOST:PORT")]
    pub listen: SocketAddr,
    /// Where to show the status page, with /status.json, /metrics and /healthz; or off. For other machines it needs the token
    /// in CAPSTONE_HTTP_TOKEN
    #[cfg(feature = "http")]
    #[arg(long, env = "CAPSTONE_HTTP", default_value = "127.0.0.1:4280", value_name = "HOST:PORT")]
    pub http: Place,
    /// What clients must know; better given in the environment, where other users do not see it
    #[arg(long, env = "CAPSTONE_TOKEN", hide_env_values = true)]
    pub token: Option<Token>,
}

/// Which server a client command talks to.
#[cfg(feature = "wire")]
#[derive(Debug, Args)]
pub struct Client {
    /// A server that speaks the NATS protocol
    #[arg(
        long,
        env = "CAPSTONE_SERVER",
        default_value = "nats://127.0.0.1:4222",
        value_name = "nats://HOST:PORT"
    )]
    pub server: Server,
    /// What the server wants clients to know; a user is known by something else
    #[arg(long, env = "CAPSTONE_TOKEN", hide_env_values = true)]
    pub token: Option<Token>,
    /// A user of the server
    #[arg(long, env = "CAPSTONE_NATS_USER", value_name = "NAME", requires = "password")]
    pub user: Option<String>,
    /// That user's password; better given in the environment, where other users of this machine do not see it
    #[arg(long, env = "CAPSTONE_NATS_PASSWORD", hide_env_values = true, requires = "user")]
    pub password: Option<Token>,
}

/// Options of `publish`.
#[cfg(feature = "wire")]
#[derive(Debug, Args)]
pub struct Publish {
    /// Where to publish
    pub topic: String,
    /// The message; empty without
    #[arg(default_value = "")]
    pub payload: String,
    /// The server
    #[command(flatten)]
    pub client: Client,
}

/// Options of `subscribe`.
#[cfg(feature = "wire")]
#[derive(Debug, Args)]
#[command(after_help = "Runs until it is stopped, or until it has printed --count messages.\n\
                        When it is stopped, it first prints what the server had sent it.")]
pub struct Subscribe {
    /// What to subscribe to: * is one token, a last > one or more
    pub pattern: String,
    /// Share the messages with the other members of this group
    #[arg(long, value_name = "GROUP")]
    pub queue: Option<String>,
    /// Print one JSON object a message, as the sinks do
    #[arg(long)]
    pub json: bool,
    /// Stop after so many messages
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub count: Option<u64>,
    /// The server
    #[command(flatten)]
    pub client: Client,
}

/// Options of `request`.
#[cfg(feature = "wire")]
#[derive(Debug, Args)]
pub struct Request {
    /// Whom to ask
    pub topic: String,
    /// The question; empty without
    #[arg(default_value = "")]
    pub payload: String,
    /// How many seconds to wait for the reply; 5 unless bus.request_timeout says otherwise
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub timeout: Option<Duration>,
    /// The server
    #[command(flatten)]
    pub client: Client,
}
