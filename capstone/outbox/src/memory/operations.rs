//! The operator's side of the store in memory.

use tokio::time::Instant;

use super::{Dead, MemoryStore, Row, Tables};
use crate::message::{Ident, Seq};
use crate::operations::{
    Answer, COMMANDS_MAX, Command, CommandId, DeadLetter, Filter, HELD_MAX, Operations, PENDING_MAX, Page,
    Pause, Recorded, Requeued, Sort, Troubled, Verb,
};
use crate::sealed::Sealed;
use crate::store::{Lane, StoreError};

/// A command, and what became of it.
pub(super) struct Asked {
    command: Command,
    pub(super) answer: Option<Answer>,
}

impl Tables {
    /// Its numbers begin at 1 and have no holes.
    pub(super) fn asked(&mut self, CommandId(id): CommandId) -> &mut Asked {
        self.commands
            .iter_mut()
            .find(|asked| asked.command.id.0 == id)
            .expect("only what was asked is answered")
    }

    /// Commands of these lanes that are not answered.
    pub(super) fn waiting(&self, is_ours: impl Fn(Lane) -> bool) -> Vec<Command> {
        let waiting =
            self.commands.iter().filter(|asked| asked.answer.is_none() && is_ours(asked.command.lane));
        waiting.take(COMMANDS_MAX as usize).map(|asked| asked.command.clone()).collect()
    }

    fn waiting_for(&self, ident: &Ident) -> Option<&Command> {
        let of_ident = |asked: &&Asked| asked.answer.is_none() && asked.command.ident == *ident;
        self.commands.iter().find(of_ident).map(|asked| &asked.command)
    }

    fn pause(&self) -> Option<Pause> {
        self.paused.as_ref().map(|(by, since)| Pause { by: by.clone(), for_ms: age_ms(*since) })
    }
}

impl MemoryStore {
    /// What was given up, in that order.
    #[must_use]
    pub fn buried(&self) -> Vec<DeadLetter> {
        self.tables().dead.iter().map(dead_letter).collect()
    }
}

impl Sealed for MemoryStore {}

impl Operations for MemoryStore {
    async fn dead_letters(&self, filter: &Filter, page: Page) -> Result<Vec<DeadLetter>, StoreError> {
        let tables = self.tables();
        let is_behind = |seq: Seq| match (page.sort, page.behind) {
            (_, None) => true,
            (Sort::Newest, Some(behind)) => seq < behind,
            (Sort::Oldest, Some(behind)) => seq > behind,
        };
        let mut dead: Vec<&Dead> = tables
            .dead
            .iter()
            .filter(|dead| matches(filter, &dead.row) && is_behind(dead.row.envelope.seq))
            .collect();
        dead.sort_by_key(|dead| dead.row.envelope.seq);
        if page.sort == Sort::Newest {
            dead.reverse();
        }
        Ok(dead.into_iter().take(page.limit).map(dead_letter).collect())
    }

    async fn requeue_telling(
        &self,
        filter: &Filter,
        told: &(dyn Fn(u64) + Sync),
    ) -> Result<Requeued, StoreError> {
        let mut requeued = Requeued::default();
        {
            let mut tables = self.tables();
            let (chosen, kept): (Vec<Dead>, Vec<Dead>) =
                std::mem::take(&mut tables.dead).into_iter().partition(|dead| matches(filter, &dead.row));
            tables.dead = kept;
            for mut dead in chosen {
                let id = dead.row.envelope.id;
                if tables.rows.values().any(|row| row.envelope.id == id) {
                    if requeued.pending.len() < PENDING_MAX {
                        requeued.pending.push(id);
                    }
                    tables.dead.push(dead);
                    continue;
                }
                tables.last += 1;
                dead.row.envelope.seq = Seq(tables.last);
                (dead.row.is_held, dead.row.since) = (false, Instant::now());
                tables.rows.insert(dead.row.envelope.seq, dead.row);
                requeued.count += 1;
            }
        }
        self.committed.notify_one();
        told(requeued.count);
        Ok(requeued)
    }

    async fn discard_telling(&self, filter: &Filter, told: &(dyn Fn(u64) + Sync)) -> Result<u64, StoreError> {
        let discarded = {
            let dead = &mut self.tables().dead;
            let before = dead.len();
            dead.retain(|dead| !matches(filter, &dead.row));
            (before - dead.len()) as u64
        };
        told(discarded);
        Ok(discarded)
    }

    async fn troubled(&self, behind: Option<&Ident>, limit: usize) -> Result<Vec<Troubled>, StoreError> {
        let tables = self.tables();
        let behind = tables.trouble.iter().filter(|(ident, _)| behind.is_none_or(|behind| *ident > behind));
        let troubled = behind.take(limit).map(|(ident, trouble)| {
            let held =
                tables.rows.values().filter(|row| row.is_held && row.envelope.ident() == *ident).count();
            Troubled {
                ident: ident.clone(),
                retry_in_ms: trouble.retry_at.map(|at| millis(at.duration_since(Instant::now()))),
                attempts: trouble.attempts,
                head: trouble.head.seq,
                held: HELD_MAX.min(held as u64),
                error: trouble.error.clone(),
                since_ms: age_ms(trouble.since),
                command: tables.waiting_for(ident).map(|command| command.verb),
            }
        });
        Ok(troubled.collect())
    }

    async fn command(&self, ident: &Ident, verb: Verb, _by: &str) -> Result<Recorded, StoreError> {
        let mut tables = self.tables();
        let Some(trouble) = tables.trouble.get(ident) else { return Ok(Recorded::NoTrouble) };
        let (lane, head, error) = (trouble.lane, trouble.head.seq, trouble.error.clone());
        if let Some(waiting) = tables.waiting_for(ident) {
            let is_same = waiting.verb == verb;
            return Ok(if is_same { Recorded::Waits(waiting.id) } else { Recorded::Behind(waiting.verb) });
        }
        let id = CommandId(1 + tables.commands.len() as i64);
        let command = Command { id, lane, ident: ident.clone(), verb, head, upto: Seq(tables.last), error };
        tables.commands.push(Asked { command, answer: None });
        Ok(Recorded::Waits(id))
    }

    async fn answer(&self, command: CommandId) -> Result<Option<Answer>, StoreError> {
        Ok(self.tables().asked(command).answer.clone())
    }

    async fn pause(&self, by: &str) -> Result<Pause, StoreError> {
        let mut tables = self.tables();
        tables.paused.get_or_insert_with(|| (by.to_owned(), Instant::now()));
        Ok(tables.pause().expect("it is paused now"))
    }

    async fn resume(&self) -> Result<Option<Pause>, StoreError> {
        let mut tables = self.tables();
        let pause = tables.pause();
        tables.paused = None;
        Ok(pause)
    }
}

fn matches(filter: &Filter, Row { envelope, .. }: &Row) -> bool {
    filter.id.is_none_or(|id| envelope.id == id)
        && filter.topic.as_ref().is_none_or(|topic| envelope.topic == *topic)
        && filter.key.as_ref().is_none_or(|key| envelope.key.as_deref() == Some(key))
}

fn dead_letter(dead: &Dead) -> DeadLetter {
    let Dead { row, attempts, error, since } = dead;
    DeadLetter {
        envelope: row.envelope.clone(),
        attempts: *attempts,
        error: error.clone(),
        age_ms: age_ms(row.since),
        dead_for_ms: age_ms(*since),
    }
}

fn age_ms(since: Instant) -> u64 {
    millis(since.elapsed())
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
