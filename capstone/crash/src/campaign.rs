//! The rounds: a relay lives among writers, and ends as the plan has it; at the end everything is drained and compared.

use anyhow::{Context, ensure};
use capstone_outbox::failpoint::Point;
use fastrand::Rng;
use indicatif::ProgressBar;
use tempfile::TempDir;
use tokio::time::Instant;

use crate::SinkKind;
use crate::destination::Destination;
use crate::outcome::{Outcome, Run};
use crate::place::Place;
use crate::plan::{End, Plan, Round};
use crate::program::{self, Ended, Program};
use crate::workload::{Ledger, Workload};

pub(crate) struct Campaign {
    /// Goes with the campaign, unless something does not hold.
    folder: TempDir,
    program: Program,
    place: Place,
    destination: Destination,
    plan: Plan,
    workload: Workload,
    random: Rng,
    ledger: Ledger,
    run: Run,
}

impl Campaign {
    pub(crate) async fn begin(program: Program, sink: SinkKind, seed: u64) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut random = Rng::with_seed(seed);
        let place = Place::new(folder.path(), &program).await?;
        Ok(Self {
            destination: Destination::new(sink, folder.path()).await?,
            plan: Plan::new(sink, random.fork()),
            workload: Workload::new(random.fork()),
            run: Run { seed, sink, ..Run::default() },
            ledger: Ledger::new(),
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
            self.run.problems.push(format!("round {}: {error:#}", self.run.rounds));
        }
        self.run.seconds = begun.elapsed().as_secs_f64();
        let seed = self.run.seed;
        let outcome = Self::compare(self.run, &self.ledger, &self.place, &self.destination).await;
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
        Outcome::of(run, ledger, &place.left()?, &destination.deliveries().await?)
    }

    async fn rounds(&mut self, kills: u64, bar: &ProgressBar) -> anyhow::Result<()> {
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
        let needs_poison = matches!(round.relay, End::Point(Point::SettleHeld | Point::SettleBuried, _));
        let application = self.workload.application(needs_poison || self.random.u32(..50) == 0);
        let (one, other) = (self.workload.writer(round.writer), self.workload.writer(None));
        let place = self.place.clone();
        let application = tokio::task::spawn_blocking(move || application.run(&place));
        let sink = self.destination.sink();
        let (relay, one, other, application, trouble) = tokio::join!(
            relay(&self.program, &self.place, &sink, round.relay),
            one.run(&self.program, &self.place),
            other.run(&self.program, &self.place),
            application,
            self.destination.trouble(&mut self.random)
        );
        let (one, writer) = one?;
        self.ledger.extend(one);
        self.ledger.extend(other?.0);
        self.ledger.extend(application??);
        let ((relay, said), is_server_killed) = (relay?, trouble?);
        self.run.server_kills += u64::from(is_server_killed);
        // Without its server a relay does not start, and says so.
        let may_refuse = is_server_killed && said.starts_with("error: nats://");
        ensure!(relay != Ended::Refused || may_refuse, "the relay ended by itself: {said}");
        self.count("relay", relay);
        if let Some(ended) = writer {
            self.count("writer", ended);
        }
        self.run.lives_ended_clean.push(relay == Ended::Done);
        self.destination.life_ended(&mut self.random).await?;
        self.place.check()
    }

    fn count(&mut self, who: &str, ended: Ended) {
        let how = match ended {
            Ended::Done | Ended::Refused => return self.run.own_ends += 1,
            Ended::Killed => "kill -9".to_owned(),
            Ended::AtPoint(point) => {
                *self.run.points.entry(program::name(point)).or_default() += 1;
                format!("at {}", program::name(point))
            }
            Ended::Missed(point) => format!("kill -9, {} was not passed", program::name(point)),
        };
        self.run.kills += 1;
        *self.run.ends.entry(format!("{who} {how}")).or_default() += 1;
    }

    async fn drain(&mut self) -> anyhow::Result<()> {
        let (db, sink) = (self.place.db(), self.destination.sink());
        self.program
            .done(&self.place.folder, &["relay", "--db", &db, "--sink", &sink, "--until-empty"])
            .await?;
        self.run.lives_ended_clean.push(true);
        self.destination.life_ended(&mut self.random).await?;
        self.place.check()
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
    ensure!(ended != Ended::Done || may_be_done, "the relay ended by itself: {said}");
    Ok((ended, said))
}
