//! The rounds: a relay lives among writers, and ends as the plan has it; at the end everything is drained and compared.

use anyhow::{Context, bail, ensure};
use capstone_outbox::failpoint::Point;
use fastrand::Rng;
use futures::FutureExt;
use indicatif::ProgressBar;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::destination::Destination;
use crate::outcome::{Outcome, Run};
use crate::place::{Database, Place};
use crate::plan::{End, Plan, Round};
use crate::program::{self, Ended, Program};
use crate::relays::{Relays, TakeOver};
use crate::workload::Ledger;
use crate::writers::Writers;
use crate::{DatabaseKind, SinkKind};

pub(crate) struct Campaign {
    /// Goes with the campaign, unless something does not hold.
    folder: TempDir,
    program: Program,
    place: Place,
    destination: Destination,
    plan: Plan,
    writers: Writers,
    random: Rng,
    run: Run,
    /// Under way: until somebody has all lanes of a relay that has ended.
    take_overs: Vec<JoinHandle<anyhow::Result<TakeOver>>>,
}

impl Campaign {
    pub(crate) async fn begin(
        program: Program,
        (database, sink, relays): (DatabaseKind, SinkKind, usize),
        seed: u64,
    ) -> anyhow::Result<Self> {
        let is_witnessed = database == DatabaseKind::Postgres && sink == SinkKind::Nats;
        ensure!(relays == 1 || is_witnessed, "several relays want --db postgres --sink nats");
        let folder = tempfile::tempdir()?;
        let mut random = Rng::with_seed(seed);
        let place = Place::new(database, folder.path(), &program).await?;
        Ok(Self {
            destination: Destination::new(sink, relays, folder.path()).await?,
            plan: Plan::new(database, sink, random.fork()),
            writers: Writers::new(random.fork(), place.keys().await?),
            run: Run { seed, database, sink, relays, ..Run::default() },
            take_overs: Vec::new(),
            folder,
            program,
            place,
            random,
        })
    }

    /// Kills so many processes, at every place at least once, and says what came of it.
    pub(crate) async fn run(mut self, kills: u64) -> anyhow::Result<Outcome> {
        let begun = Instant::now();
        let bar = capstone::progress::bar(kills, "kills");
        let outcome = self.rounds(kills, &bar).await;
        bar.finish_and_clear();
        if let Err(error) = outcome {
            let problem = format!("round {}: {error:#}", self.run.rounds);
            // At once: what is compared below may fail without a database.
            eprintln!("problem: {problem}");
            self.run.problems.push(problem);
        }
        self.run.seconds = begun.elapsed().as_secs_f64();
        let seed = self.run.seed;
        let outcome = Self::compare(self.run, &self.writers.ledger, &self.place, &self.destination).await;
        if !outcome.as_ref().is_ok_and(|outcome| outcome.holds) {
            eprintln!("everything is left in {}", self.folder.keep().display());
        }
        outcome.with_context(|| format!("seed {seed}"))
    }

    async fn compare(
        run: Run,
        ledger: &Ledger,
        place: &Place,
        destination: &Destination,
    ) -> anyhow::Result<Outcome> {
        let left = place.left().await?;
        // The database goes with its server; this is what is left of it where something does not hold.
        serde_json::to_writer(std::fs::File::create(place.folder.join("left.json"))?, &left)?;
        Outcome::of(run, ledger, &left, &destination.deliveries().await?)
    }

    async fn rounds(&mut self, kills: u64, bar: &ProgressBar) -> anyhow::Result<()> {
        if self.run.relays > 1 {
            self.together(kills, bar).await?;
            return self.drain().await;
        }
        while self.run.kills < kills || self.run.rounds < self.plan.rounds_min {
            let round = self.plan.next();
            self.round(round).await.with_context(|| format!("{round:?}"))?;
            self.run.rounds += 1;
            bar.set_position(self.run.kills);
            if self.run.rounds.is_multiple_of(100) {
                eprintln!("{} rounds, {} kills", self.run.rounds, self.run.kills);
            }
        }
        self.drain().await
    }

    async fn round(&mut self, round: Round) -> anyhow::Result<()> {
        let needs_poison = matches!(
            round.relay,
            End::Point(Point::SettleDeleted | Point::SettleHeld | Point::SettleBuried, _)
        );
        let with_poison = self.has_poison() && (needs_poison || self.random.u32(..50) == 0);
        let sink = self.destination.sink();
        let mut of_database = self.random.fork();
        let (relay, written, server, database) = tokio::join!(
            relay(&self.program, &self.place, &sink, round.relay),
            self.writers.write((&self.program, &self.place), round.writer, with_poison),
            self.destination.trouble(&mut self.random, 5),
            self.place.trouble(&mut of_database, 8),
        );
        let (is_server_killed, is_database_killed) = (server?, database?);
        self.run.server_kills += u64::from(is_server_killed);
        self.run.database_kills += u64::from(is_database_killed);
        let ((relay, said), written) = (relay?, written?);
        // What does not reach its server ends, and says so.
        ensure!(written.refusal.is_none() || is_database_killed, "{written:?}");
        let may_refuse = is_server_killed && said.starts_with("error: nats://")
            || is_database_killed && said.starts_with("error: postgres://");
        ensure!(relay != Ended::Refused || may_refuse, "the relay ended by itself: {said}");
        let may_leave_work = is_server_killed || is_database_killed;
        ensure!(relay != Ended::WorkLeft || may_leave_work, "the relay left work: {said}");
        self.run.count("relay", relay);
        if let Some(ended) = written.ended {
            self.run.count("writer", ended);
        }
        self.run.lives_ended_clean.push(relay == Ended::Done);
        self.destination.life_ended(&mut self.random).await?;
        self.place.check().await
    }

    /// Several relays, each with its own ends, while round after round is written.
    async fn together(&mut self, kills: u64, bar: &ProgressBar) -> anyhow::Result<()> {
        let has_poison = self.has_poison();
        let Self { program, place, destination, plan, writers, random, run, .. } = self;
        let Database::Postgres(postgres) = &place.database else { bail!("relays share PostgreSQL only") };
        let rounds_min = usize::try_from(plan.rounds_min)?;
        let relays = Relays::new((program, place, postgres), destination.sink(), plan, random.fork());
        let count = run.relays;
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
        self.run.database == DatabaseKind::Sqlite || self.run.sink == SinkKind::Nats
    }

    async fn drain(&mut self) -> anyhow::Result<()> {
        let (db, sink) = (self.place.db(), self.destination.sink());
        self.program
            .done(&self.place.folder, &["relay", "--db", &db, "--sink", &sink, "--until-empty"])
            .await?;
        for measured in std::mem::take(&mut self.take_overs) {
            let TakeOver { was_frozen, took } = measured.await??;
            let slowest = if was_frozen {
                &mut self.run.frozen_taken_over_s
            } else {
                &mut self.run.killed_taken_over_s
            };
            *slowest = slowest.max(took.as_secs_f64());
        }
        self.run.lives_ended_clean.push(true);
        self.destination.life_ended(&mut self.random).await?;
        self.place.check().await
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
