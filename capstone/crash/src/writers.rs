//! All who write in a round, and the ledger of what they wrote and were told.

use std::collections::HashSet;

use fastrand::Rng;

use crate::foreign::ForeignRow;
use crate::place::Place;
use crate::plan::End;
use crate::program::{Ended, Program};
use crate::workload::{Ledger, Workload, Wrote};
use crate::written::{Nature, Told};

/// PostgreSQL's table of locks has room for a few thousand, of everybody together.
const LOCKS_MAX: usize = 500;

pub(crate) struct Writers {
    workload: Workload,
    pub(crate) ledger: Ledger,
}

/// What came of a round of writing.
#[derive(Debug)]
pub(crate) struct Round {
    /// `None`: nobody was to be ended.
    pub(crate) ended: Option<Ended>,
    /// Why somebody stopped although his lines are good.
    pub(crate) refusal: Option<String>,
}

impl Writers {
    pub(crate) fn new(random: Rng, keys: Vec<String>) -> Self {
        Self { workload: Workload::new(random, keys), ledger: Ledger::new() }
    }

    /// Two processes, of which one is to end like that, and an application.
    pub(crate) async fn write(
        &mut self,
        (program, place): (&Program, &Place),
        end: Option<End>,
        with_poison: bool,
    ) -> anyhow::Result<Round> {
        let application = self.workload.application(with_poison);
        let (one, other) = (self.workload.writer(end), self.workload.writer(None));
        let (one, other, application) =
            tokio::join!(one.run(program, place), other.run(program, place), application.run(place));
        let mut round = Round { ended: None, refusal: None };
        for Wrote { ledger, ended, refusal } in [one?, other?] {
            self.ledger.extend(ledger);
            round.ended = round.ended.or(ended);
            round.refusal = round.refusal.or(refusal);
        }
        self.ledger.extend(application?);
        Ok(round)
    }

    /// An application that commits so many messages, and does nothing else.
    pub(crate) async fn brief(&mut self, place: &Place, count: usize) -> anyhow::Result<()> {
        let application = self.workload.brief(count);
        self.ledger.extend(application.run(place).await?);
        Ok(())
    }

    /// As [`brief`](Self::brief), of messages without a key.
    pub(crate) async fn keyless(&mut self, place: &Place, count: usize) -> anyhow::Result<()> {
        let application = self.workload.keyless(count);
        self.ledger.extend(application.run(place).await?);
        Ok(())
    }

    /// An application that commits so many messages which no stream takes, as often as it must to not hold many locks.
    pub(crate) async fn strays(&mut self, place: &Place, count: usize) -> anyhow::Result<()> {
        for begun in (0..count).step_by(LOCKS_MAX) {
            let application = self.workload.strays(LOCKS_MAX.min(count - begun));
            self.ledger.extend(application.run(place).await?);
        }
        Ok(())
    }

    /// An application that commits so many messages which no sink can publish.
    pub(crate) async fn poison(&mut self, place: &Place, count: usize) -> anyhow::Result<()> {
        let application = self.workload.poison(count);
        self.ledger.extend(application.run(place).await?);
        Ok(())
    }

    /// Some other program writes a row in its own way. What the database does not take is as good as not written.
    pub(crate) async fn foreign(&mut self, place: &Place, row: &ForeignRow) -> anyhow::Result<()> {
        if place.insert(row).await? {
            self.ledger.insert(row.id.to_string(), row.written());
        }
        Ok(())
    }

    /// All ids so far.
    pub(crate) fn ids(&self) -> HashSet<String> {
        self.ledger.keys().cloned().collect()
    }

    /// The database went back. Of what was written `before` and is not `committed` any more nothing is owed; how much that is.
    pub(crate) fn undo(&mut self, before: &HashSet<String>, committed: &HashSet<&str>) -> u64 {
        let is_forgotten = |id: &String| before.contains(id) && !committed.contains(id.as_str());
        let forgotten = self.ledger.iter_mut().filter(|(id, _)| is_forgotten(id));
        let mut undone = 0;
        for (_, written) in forgotten.filter(|(_, written)| written.told == Told::Committed) {
            written.told = Told::Undone;
            undone += 1;
        }
        undone
    }

    /// What must be delivered, by the word of those who wrote it.
    pub(crate) fn owed(&self) -> impl Iterator<Item = &str> {
        let owed = self
            .ledger
            .iter()
            .filter(|(_, written)| written.told == Told::Committed && written.nature == Nature::Good);
        owed.map(|(id, _)| id.as_str())
    }
}
