//! What every campaign has: a database with its ledger, a sink, and who writes between them; at the end, the comparison.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context, ensure};
use fastrand::Rng;
use indicatif::ProgressBar;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::destination::Destination;
use crate::outcome::{Outcome, Run, WINDOW};
use crate::place::Place;
use crate::program::Program;
use crate::relay::Relay;
use crate::setting::Setting;
use crate::writers::Writers;

pub(crate) struct Scene {
    /// Goes with the campaign, unless something does not hold.
    folder: TempDir,
    pub(crate) program: Program,
    pub(crate) place: Place,
    pub(crate) destination: Destination,
    pub(crate) writers: Writers,
    pub(crate) random: Rng,
    pub(crate) run: Run,
}

/// How often the outbox is looked at by somebody who waits.
const LOOK: Duration = Duration::from_millis(50);
/// What a fresh relay has to empty the outbox, after something did not hold.
const LAST_CHANCE: Duration = Duration::from_secs(30);

impl Scene {
    pub(crate) async fn set(
        program: Program,
        setting: Setting,
        seed: u64,
        mut random: Rng,
    ) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let place = Place::new(setting.database, folder.path(), &program).await?;
        Ok(Self {
            destination: Destination::new(&setting, folder.path()).await?,
            writers: Writers::new(random.fork(), place.keys().await?),
            run: Run { seed, setting, ..Run::default() },
            folder,
            program,
            place,
            random,
        })
    }

    /// Says what came of the rounds, which ended like that.
    pub(crate) async fn end(
        mut self,
        rounds: anyhow::Result<()>,
        begun: Instant,
        bar: &ProgressBar,
    ) -> anyhow::Result<Outcome> {
        bar.finish_and_clear();
        if let Err(error) = rounds {
            let problem = format!("round {}: {error:#}", self.run.rounds);
            // At once: what is compared below may fail without a database.
            eprintln!("problem: {problem}");
            self.run.problems.push(problem);
        }
        self.run.seconds = begun.elapsed().as_secs_f64();
        let seed = self.run.seed;
        let outcome = self.compare().await;
        if !outcome.as_ref().is_ok_and(|outcome| outcome.holds) {
            eprintln!("everything is left in {}", self.folder.keep().display());
        }
        outcome.with_context(|| format!("seed {seed}"))
    }

    async fn compare(&mut self) -> anyhow::Result<Outcome> {
        let left = self.place.left().await?;
        // The database goes with its server; this is what is left of it where something does not hold.
        serde_json::to_writer(std::fs::File::create(self.place.folder.join("left.json"))?, &left)?;
        let run = std::mem::take(&mut self.run);
        Outcome::of(run, &self.writers.ledger, &left, &self.destination.deliveries().await?)
    }

    /// A relay that lives until it is ended.
    pub(crate) fn relay(&self, log: &str, settings: &[&str]) -> anyhow::Result<Relay> {
        let (db, sink) = (self.place.db(), self.destination.sink());
        let mut arguments = vec!["relay", "--db", &db, "--sink", &sink];
        arguments.extend(settings.iter().flat_map(|setting| ["--set", setting]));
        Relay::start(&self.program, &self.place.folder, log, &arguments)
    }

    /// Waits until nothing is in the outbox any more, and says how long that took.
    ///
    /// # Errors
    /// Something still is after `limit`.
    pub(crate) async fn emptied_within(&self, limit: Duration) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        loop {
            let waiting = self.place.waiting().await?;
            let took = begun.elapsed();
            if waiting == 0 {
                return Ok(took);
            }
            ensure!(took < limit, "{waiting} messages still wait after {} s", took.as_secs());
            sleep(LOOK).await;
        }
    }

    /// Waits until whatever is in the outbox belongs to a parked key.
    ///
    /// # Errors
    /// Something else still is after `limit`.
    pub(crate) async fn settled_within(&self, limit: Duration) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        loop {
            let left = self.place.left().await?;
            let key = |id: &String| self.writers.ledger.get(id).and_then(|written| written.key.as_ref());
            let is_open = |id: &&String| !key(id).is_some_and(|key| left.parked.contains(key));
            let open = left.waiting.iter().filter(is_open).count();
            let took = begun.elapsed();
            if open == 0 {
                return Ok(took);
            }
            ensure!(took < limit, "{open} neither delivered nor given up after {} s", took.as_secs());
            sleep(LOOK).await;
        }
    }

    /// Waits until everything that was committed has come out, whether the outbox knows or not.
    ///
    /// # Errors
    /// Something has not after `limit`.
    pub(crate) async fn all_delivered_within(&self, limit: Duration) -> anyhow::Result<Duration> {
        let begun = Instant::now();
        loop {
            let delivered = self.destination.deliveries().await?;
            let delivered: HashSet<&str> = delivered.iter().map(|delivery| delivery.id.as_str()).collect();
            let missing = self.writers.owed().filter(|id| !delivered.contains(id)).count();
            let took = begun.elapsed();
            if missing == 0 {
                return Ok(took);
            }
            ensure!(took < limit, "{missing} messages have not come out after {} s", took.as_secs());
            sleep(LOOK).await;
        }
    }

    /// The database went back to what it had earlier, and may have forgotten some of what was written `before`. That may have
    /// been delivered, or not; what is there again although it had been delivered comes again.
    pub(crate) async fn history_undone(&mut self, before: &HashSet<String>) -> anyhow::Result<()> {
        let left = self.place.left().await?;
        let delivered = self.destination.deliveries().await?;
        let delivered: HashSet<&str> = delivered.iter().map(|delivery| delivery.id.as_str()).collect();
        let repeats = left.waiting.iter().filter(|id| delivered.contains(id.as_str())).count() as u64;
        *self.run.repeats_max.get_or_insert(0) += repeats + WINDOW;
        let committed: HashSet<&str> = left.committed.iter().map(|commit| commit.id.as_str()).collect();
        let undone = self.writers.undo(before, &committed);
        ensure!(undone > 0, "the database went back, and has forgotten nothing");
        self.run.undone += undone;
        Ok(())
    }

    /// After all rounds, or after one that went wrong: what a restart mends is not lost.
    pub(crate) async fn drain(&mut self) -> anyhow::Result<()> {
        let relay = self.relay("last.log", &[])?;
        self.writers.brief(&self.place, 1).await?;
        let settled = self.settled_within(LAST_CHANCE).await;
        relay.stop().await?;
        self.life_ended(true).await?;
        settled.map(drop).context("a fresh relay")
    }

    /// A relay has ended.
    pub(crate) async fn life_ended(&mut self, is_clean: bool) -> anyhow::Result<()> {
        self.run.lives_ended_clean.push(is_clean);
        self.destination.life_ended(&mut self.random).await?;
        self.place.check().await
    }
}
