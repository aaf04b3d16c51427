//! What a campaign is asked for: a kind, and on what it is tried.

use anyhow::ensure;
use clap::ValueEnum;

/// What is tried on what.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub(crate) struct Setting {
    pub(crate) kind: Kind,
    pub(crate) database: DatabaseKind,
    pub(crate) sink: SinkKind,
    /// At once.
    pub(crate) relays: usize,
}

/// `--kind`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// Processes are killed at random and at every fail point
    #[default]
    Kill,
    /// Relays are stopped and killed while they start
    Start,
    /// PostgreSQL's primary stops, and a standby that lacks its last commits takes its place
    Failover,
    /// Rows that other programs write, and numbers that come a second time
    Foreign,
    /// The broker stands still for longer than all attempts take
    Hang,
    /// Many keys fail beside healthy ones
    Many,
    /// A copy of the database takes its place, and everybody goes on
    Restore,
}

/// `--db`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DatabaseKind {
    #[default]
    Sqlite,
    Postgres,
}

/// `--sink`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SinkKind {
    #[default]
    File,
    Nats,
}

impl Setting {
    /// What was asked for, where the kind can be tried on it.
    pub(crate) fn new(
        kind: Kind,
        database: Option<DatabaseKind>,
        sink: Option<SinkKind>,
        relays: usize,
    ) -> anyhow::Result<Self> {
        let database = database.unwrap_or(kind.database());
        let sink = sink.unwrap_or(kind.sink());
        let several = kind == Kind::Start || kind == Kind::Kill && database == DatabaseKind::Postgres;
        ensure!(relays > 0, "at least one relay");
        ensure!(
            relays == 1 || several && sink == SinkKind::Nats,
            "several relays want --sink nats, and --db postgres or --kind start"
        );
        kind.check(database, sink)?;
        Ok(Self { kind, database, sink, relays })
    }
}

impl Kind {
    /// What COUNT counts.
    pub(crate) fn unit(self) -> &'static str {
        if self == Self::Kill { "kills" } else { "rounds" }
    }

    /// Where it is tried unless something else is asked for.
    fn database(self) -> DatabaseKind {
        match self {
            Self::Kill | Self::Foreign | Self::Hang | Self::Many => DatabaseKind::Sqlite,
            Self::Start | Self::Failover | Self::Restore => DatabaseKind::Postgres,
        }
    }

    /// As [`database`](Self::database).
    fn sink(self) -> SinkKind {
        match self {
            Self::Kill | Self::Start | Self::Failover | Self::Restore => SinkKind::File,
            Self::Foreign | Self::Hang | Self::Many => SinkKind::Nats,
        }
    }

    /// Whether it can be tried there.
    fn check(self, database: DatabaseKind, sink: SinkKind) -> anyhow::Result<()> {
        let (is_postgres, is_nats) = (database == DatabaseKind::Postgres, sink == SinkKind::Nats);
        ensure!(self != Self::Failover || is_postgres, "a failover wants --db postgres");
        ensure!(is_nats || !matches!(self, Self::Hang | Self::Many), "this is about a broker: --sink nats");
        // What PostgreSQL takes a file takes, too: nothing would be given up.
        let is_poisonous = is_nats || !is_postgres;
        ensure!(self != Self::Foreign || is_poisonous, "foreign rows of PostgreSQL want --sink nats");
        Ok(())
    }
}
