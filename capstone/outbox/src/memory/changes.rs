//! What one flush writes into the store in memory.

use tokio::time::Instant;

use super::{Dead, Tables, Trouble};
use crate::message::{Ident, RowId, Seq};
use crate::operations::{Answer, Command, Verb};
use crate::store::{Change, Held, Hold, Lane};

impl Tables {
    /// Returns the key whose trouble is over by this.
    pub(super) fn apply(&mut self, lane: Lane, change: &Change) -> Option<Ident> {
        match change {
            Change::Hold { held, rows, error } => {
                let retry_at = match held.hold {
                    Hold::RetryIn(delay) => Some(Instant::now() + delay),
                    Hold::Parked => None,
                };
                let before = self.trouble.get(&held.ident);
                let since = before.map_or_else(Instant::now, |trouble| trouble.since);
                let Held { lane, head, attempts, .. } = *held;
                let trouble = Trouble { lane, head, attempts, retry_at, error: error.clone(), since };
                self.trouble.insert(held.ident.clone(), trouble);
                self.set_held(rows);
            }
            Change::Follow { ident, rows } => {
                self.set_held(rows);
                let (head, now) = (*rows.first().expect("somebody follows"), Instant::now());
                let again = || Trouble {
                    lane,
                    head,
                    attempts: 0,
                    retry_at: Some(now),
                    error: String::new(),
                    since: now,
                };
                self.trouble.entry(ident.clone()).or_insert_with(again);
            }
            Change::Continue(ident) => return self.go_on(ident),
            Change::Started { row, starts: 0 } => drop(self.started.remove(row)),
            Change::Started { row, starts } => drop(self.started.insert(*row, *starts)),
            Change::Bury { row, attempts, error } => self.bury(*row, *attempts, error),
            Change::Execute(command) => {
                let answer = self.execute(command);
                self.asked(command.id).answer.get_or_insert(answer);
            }
        }
        None
    }

    fn go_on(&mut self, ident: &Ident) -> Option<Ident> {
        let Some(head) = self.held_rows(ident, Seq::START).next().map(|row| row.envelope.row()) else {
            return self.trouble.remove(ident).map(|_| ident.clone());
        };
        if let Some(trouble) = self.trouble.get_mut(ident) {
            (trouble.head, trouble.attempts, trouble.retry_at) = (head, 0, Some(Instant::now()));
        }
        None
    }

    fn bury(&mut self, row: RowId, attempts: u32, error: &str) {
        if let Some(row) = self.remove(row) {
            self.dead.push(Dead { row, attempts, error: error.to_owned(), since: Instant::now() });
        }
    }

    fn execute(&mut self, command: &Command) -> Answer {
        let Command { ident, verb, head, upto, .. } = command;
        let Some(trouble) = self.trouble.get(ident) else {
            return command.not_in_trouble();
        };
        let is_there = self.rows.get(head).is_some_and(|row| row.envelope.id == trouble.head.id);
        if trouble.head.seq != *head || !is_there {
            return command.not_the_head();
        }
        let (head, attempts) = (trouble.head, trouble.attempts);
        match verb {
            Verb::Retry => {}
            Verb::Skip => {
                let error = format!("skipped by an operator; before that: {}", command.error);
                self.bury(head, attempts, &error);
            }
            Verb::Discard => drop(self.remove(head)),
            Verb::Clear => self.rows.retain(|seq, row| seq > upto || row.envelope.ident() != *ident),
        }
        self.go_on(ident);
        Answer::Done
    }

    fn set_held(&mut self, rows: &[RowId]) {
        for RowId { seq, id } in rows {
            if let Some(row) = self.rows.get_mut(seq).filter(|row| row.envelope.id == *id) {
                row.is_held = true;
            }
        }
    }

    /// The key's rows that are held, behind `after`.
    pub(super) fn held_rows<'a>(
        &'a self,
        ident: &'a Ident,
        after: Seq,
    ) -> impl Iterator<Item = &'a super::Row> {
        let behind = self.rows.range(Seq(after.0 + 1)..).map(|(_, row)| row);
        behind.filter(move |row| row.is_held && row.envelope.ident() == *ident)
    }
}
