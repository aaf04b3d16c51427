//! The kinds of campaigns: what each does to the program in a round.

mod failover;
mod foreign;
mod hang;
mod many;
mod restore;
mod start;

use anyhow::ensure;
use clap::ValueEnum;
use fastrand::Rng;
use indicatif::ProgressBar;
use tokio::time::Instant;

use crate::campaign::Campaign;
use crate::outcome::Outcome;
use crate::program::Program;
use crate::scene::Scene;
use crate::{DatabaseKind, Setting, SinkKind};

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

impl Kind {
    /// What COUNT counts.
    pub(crate) fn unit(self) -> &'static str {
        if self == Self::Kill { "kills" } else { "rounds" }
    }

    /// Where it is tried unless something else is asked for.
    pub(crate) fn database(self) -> DatabaseKind {
        match self {
            Self::Kill | Self::Foreign | Self::Hang | Self::Many => DatabaseKind::Sqlite,
            Self::Start | Self::Failover | Self::Restore => DatabaseKind::Postgres,
        }
    }

    /// As [`database`](Self::database).
    pub(crate) fn sink(self) -> SinkKind {
        match self {
            Self::Kill | Self::Start | Self::Failover | Self::Restore => SinkKind::File,
            Self::Foreign | Self::Hang | Self::Many => SinkKind::Nats,
        }
    }

    /// Whether it can be tried there.
    pub(crate) fn check(self, database: DatabaseKind, sink: SinkKind) -> anyhow::Result<()> {
        let (is_postgres, is_nats) = (database == DatabaseKind::Postgres, sink == SinkKind::Nats);
        ensure!(self != Self::Failover || is_postgres, "a failover wants --db postgres");
        ensure!(is_nats || !matches!(self, Self::Hang | Self::Many), "this is about a broker: --sink nats");
        // What PostgreSQL takes a file takes, too: nothing would be given up.
        let is_poisonous = is_nats || !is_postgres;
        ensure!(self != Self::Foreign || is_poisonous, "foreign rows of PostgreSQL want --sink nats");
        Ok(())
    }
}

/// Does what the kind is about, so often, and says what came of it.
pub(crate) async fn run(
    program: Program,
    setting: Setting,
    count: u64,
    seed: u64,
) -> anyhow::Result<Outcome> {
    if setting.kind == Kind::Kill {
        return Campaign::begin(program, setting, seed).await?.run(count).await;
    }
    let mut scene = Scene::set(program, setting, seed, Rng::with_seed(seed)).await?;
    let (begun, bar) = (Instant::now(), capstone::progress::bar(count, "rounds"));
    let done = rounds(&mut scene, count, &bar).await;
    let drained = scene.drain().await;
    scene.end(done.and(drained), begun, &bar).await
}

async fn rounds(scene: &mut Scene, count: u64, bar: &ProgressBar) -> anyhow::Result<()> {
    while scene.run.rounds < count {
        match scene.run.setting.kind {
            Kind::Kill => {}
            Kind::Start => start::round(scene).await?,
            Kind::Failover => failover::round(scene).await?,
            Kind::Foreign => foreign::round(scene).await?,
            Kind::Hang => hang::round(scene).await?,
            Kind::Many => many::round(scene).await?,
            Kind::Restore => restore::round(scene).await?,
        }
        scene.run.rounds += 1;
        bar.set_position(scene.run.rounds);
    }
    Ok(())
}
