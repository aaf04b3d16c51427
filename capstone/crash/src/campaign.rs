//! The rounds: a relay lives among writers, and ends as the plan has it; at the end everything is drained and compared.

use anyhow::{Context, bail, ensure};
use capstone_outbox::failpoint::Point;
use fastrand::Rng;
use futures::FutureExt;
use indicatif::ProgressBar;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::outcome::Outcome;
use crate::place::{Database, Place};
use crate::plan::{End, Plan, Round};
use crate::program::{self, Ended, Program};
use crate::relays::{Relays, TakeOver};
use crate::scene::Scene;
use crate::setting::{DatabaseKind, Setting, SinkKind};

pub(crate) struct Campaign {
    scene: Scene,
    plan: Plan,
    /// Under way: until somebody has all lanes of a relay that has ended.
    take_overs: Vec<JoinHandle<anyhow::Result<TakeOver>>>,
}

impl Campaign {
    pub(crate) async fn begin(program: Program, setting: Setting, seed: u64) -> anyhow::Result<Self> {
        let mut random = Rng::with_seed(seed);
        let plan = Plan::new(setting.database, setting.sink, random.fork());
        let scene = Scene::set(program, setting, seed, random).await?;
        Ok(Self { scene, plan, take_overs: Vec::new() })
    }

    /// Kills so many processes, at every place at least once, and says what came of it.
    pub(crate) async fn run(mut self, kills: u64) -> anyhow::Result<Outcome> {
        let begun = Instant::now();
        let bar = capstone::progress::bar(kills, "kills");
        let ended = self.rounds(kills, &bar).await;
        self.scene.end(ended, begun, &bar).await
    }

    async fn rounds(&mut self, kills: u64, bar: &ProgressBar) -> anyhow::Result<()> {
        if self.scene.run.setting.relays > 1 {
            self.together(kills, bar).await?;
            return self.drain().await;
        }
        while self.scene.run.kills < kills || self.scene.run.rounds < self.plan.rounds_min {
            let round = self.plan.next();
            self.round(round).await.with_context(|| format!("{round:?}"))?;
            self.scene.run.rounds += 1;
            bar.set_position(self.scene.run.kills);
            if self.scene.run.rounds.is_multiple_of(100) {
                eprintln!("{} rounds, {} kills", self.scene.run.rounds, self.scene.run.kills);
            }
        }
        self.drain().await
    }

    async fn round(&mut self, round: Round) -> anyhow::Result<()> {
        let needs_poison = matches!(
            round.relay,
            End::Point(Point::SettleDeleted | Point::SettleHeld | Point::SettleBuried, _)
        );
        let with_poison = self.has_poison() && (needs_poison || self.scene.random.u32(..50) == 0);
        let scene = &mut self.scene;
        let sink = scene.destination.sink();
        let mut of_database = scene.random.fork();
        let (relay, written, server, database) = tokio::join!(
            relay(&scene.program, &scene.place, &sink, round.relay),
            scene.writers.write((&scene.program, &scene.place), round.writer, with_poison),
            scene.destination.trouble(&mut scene.random, 5),
            scene.place.trouble(&mut of_database, 8),
        );
        let (is_server_killed, is_database_killed) = (server?, database?);
        scene.run.server_kills += u64::from(is_server_killed);
        scene.run.database_kills += u64::from(is_database_killed);
        let ((relay, said), written) = (relay?, written?);
        // What does not reach its server ends, and says so.
        ensure!(written.refusal.is_none() || is_database_killed, "{written:?}");
        let may_refuse = is_server_killed && said.starts_with("error: nats://")
            || is_database_killed && said.starts_with("error: postgres://");
        ensure!(relay != Ended::Refused || may_refuse, "the relay ended by itself: {said}");
        let may_leave_work = is_server_killed || is_database_killed;
        ensure!(relay != Ended::WorkLeft || may_leave_work, "the relay left work: {said}");
        scene.run.count("relay", relay);
        if let Some(ended) = written.ended {
            scene.run.count("writer", ended);
        }
        scene.life_ended(relay == Ended::Done).await
    }

    /// Several relays, each with its own ends, while round after round is written.
    async fn together(&mut self, kills: u64, bar: &ProgressBar) -> anyhow::Result<()> {
        let has_poison = self.has_poison();
        let Self { scene, plan, .. } = self;
        let Scene { program, place, destination, writers, random, run, .. } = scene;
        let Database::Postgres(postgres) = &place.database else { bail!("relays share PostgreSQL only") };
        let rounds_min = usize::try_from(plan.rounds_min)?;
        let relays = Relays::new((program, place, postgres), destination.sink(), plan, random.fork());
        let count = run.setting.relays;
        let write = async {
            let mut last_kill = None;
            while !relays.is_over() && (relays.kills() < kills || relays.lives.borrow().len() < rounds_min) {
                let mut of_database = random.fork();
                let with_poison = has_poison && random.u32(..4) == 0;
                let (written, server, database) = tokio::join!(
                    writers.write((program, place), None, with_poison),
                    destination.trouble(random, 20),
                    place.trouble(&mut of_database, 20),
                );
                let (is_server_killed, is_database_killed) = (server?, database?);
                run.server_kills += u64::from(is_server_killed);
                run.database_kills += u64::from(is_database_killed);
                let written = written?;
                ensure!(written.refusal.is_none() || is_database_killed, "{written:?}");
                let refusals = relays.refusals.take();
                if is_server_killed || is_database_killed {
                    last_kill = Some(Instant::now());
                }
                // One that was to be stopped later is looked at only then.
                let may_refuse = last_kill.is_some_and(|at: Instant| at.elapsed() < program::PATIENCE);
                ensure!(refusals.is_empty() || may_refuse, "ended by themselves: {refusals:?}");
                run.rounds += 1;
                bar.set_position(relays.kills());
            }
            Ok(())
        };
        let write = write.inspect(|_| relays.end());
        // Both to their end, even if one fails: a server that is away then comes back before all is compared.
        let (ran, written) = tokio::join!(relays.run(count), write);
        ran.and(written)?;
        for life in relays.lives.take() {
            run.freezes += u64::from(life.was_frozen);
            run.count(if life.was_frozen { "relay, frozen and thawed," } else { "relay" }, life.ended);
        }
        self.take_overs = relays.take_overs.take();
        Ok(())
    }

    /// Whether there is anything that the database takes and the sink cannot publish.
    fn has_poison(&self) -> bool {
        self.scene.run.setting.database == DatabaseKind::Sqlite
            || self.scene.run.setting.sink == SinkKind::Nats
    }

    async fn drain(&mut self) -> anyhow::Result<()> {
        let (db, sink) = (self.scene.place.db(), self.scene.destination.sink());
        self.scene
            .program
            .done(&self.scene.place.folder, &["relay", "--db", &db, "--sink", &sink, "--until-empty"])
            .await?;
        for measured in std::mem::take(&mut self.take_overs) {
            let TakeOver { was_frozen, took } = measured.await??;
            let slowest = if was_frozen {
                &mut self.scene.run.frozen_taken_over_s
            } else {
                &mut self.scene.run.killed_taken_over_s
            };
            *slowest = slowest.max(took.as_secs_f64());
        }
        self.scene.life_ended(true).await
    }
}

/// One life of a relay, and what it said.
async fn relay(program: &Program, place: &Place, sink: &str, end: End) -> anyhow::Result<(Ended, String)> {
    let mut command =
        program.command(&place.folder, "relay.log", &["relay", "--db", &place.db(), "--sink", sink])?;
    program::arm(&mut command, end);
    let mut child = command.spawn()?;
    let ended = program::see_end(&mut child, end).await;
    let said = std::fs::read_to_string(place.folder.join("relay.log")).unwrap_or_default();
    let ended = ended.with_context(|| format!("relay: {said}"))?;
    let may_be_done = matches!(end, End::Stop(_) | End::StopAt(..));
    ensure!(
        !matches!(ended, Ended::Done | Ended::WorkLeft) || may_be_done,
        "the relay ended by itself: {said}"
    );
    Ok((ended, said))
}
