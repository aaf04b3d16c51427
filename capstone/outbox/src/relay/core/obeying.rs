//! What operators want of keys in trouble.
//!
//! A command waits until its key is at rest. What it changes and its answer are in one flush, under the lease of its lane:
//! if that is lost, nothing of it is written, and the next owner is told the command again.

use std::time::Duration;

use super::{Core, Fetching};
use crate::message::Ident;
use crate::operations::{Answer, Command, Verb};
use crate::relay::key::{State, Trouble};
use crate::store::{Change, Held, Hold, Lease};

impl Core {
    /// The store has said which commands wait. It may have said so before it knew that some were executed.
    pub(super) fn wanted(&mut self, commands: Vec<Command>) {
        self.answered.retain(|(_, id)| commands.iter().any(|command| command.id == *id));
        self.commands = commands;
        self.commands.retain(|command| self.answered.iter().all(|(_, id)| *id != command.id));
    }

    /// Executes each command whose key is at rest. Those of other lanes are told again, if they become ours.
    pub(super) fn obey(&mut self) {
        for command in std::mem::take(&mut self.commands) {
            let slot = self.lanes.slot(command.lane);
            let lease = match slot.lease() {
                Some(lease) if slot.is_open() => lease,
                _ if slot.is_opening() => {
                    self.commands.push(command);
                    continue;
                }
                _ => continue,
            };
            match self.case(&command) {
                Case::AtRest(trouble) => self.execute(lease, &command, trouble),
                Case::Refused(why) => self.answer(lease, &command, Answer::Refused(why)),
                Case::Busy => self.commands.push(command),
            }
        }
    }

    fn case(&self, command: &Command) -> Case {
        let Some((key, trouble)) = self.keys.get(&command.ident).and_then(|key| Some((key, key.trouble?)))
        else {
            return Case::Refused(format!("{} is not in trouble any more", command.ident));
        };
        let is_at_rest = matches!(key.state, State::Idle | State::Waiting(_) | State::Parked);
        // Rows that are just being read could be some that are to be discarded.
        let reads = || self.fetching == Fetching::Underway || key.spill.is_some_and(|spill| spill.asked);
        if trouble.head != command.head || trouble.after >= command.head {
            Case::Refused(format!("row {} is not the head of {} any more", command.head, command.ident))
        } else if !is_at_rest || command.verb == Verb::Clear && reads() {
            Case::Busy
        } else {
            Case::AtRest(trouble)
        }
    }

    /// The key begins again, in the store's eyes too: with its head, or behind what the command takes away.
    fn execute(&mut self, lease: Lease, command: &Command, trouble: Trouble) {
        let Command { lane, ident, verb, head, upto, error, .. } = command;
        let taken = match verb {
            Verb::Retry => None,
            Verb::Skip => {
                self.counts.buried += 1;
                let error = format!("skipped by an operator; before that: {error}");
                Some((*head, Change::Bury { row: *head, attempts: trouble.attempts, error }))
            }
            Verb::Discard => Some((*head, Change::Discard { ident: ident.clone(), upto: *head })),
            Verb::Clear => {
                self.discarded_after = self.flush.next();
                Some((*upto, Change::Discard { ident: ident.clone(), upto: *upto }))
            }
        };
        let after = taken.as_ref().map_or(trouble.after, |(last, _)| *last);
        let hold = Hold::RetryIn(Duration::ZERO);
        let held = Held { lane: *lane, ident: ident.clone(), head: *head, attempts: 0, hold };
        let again = Change::Hold { held, rows: vec![], error: error.clone() };
        for change in taken.map(|(_, change)| change).into_iter().chain([again]) {
            self.flush.change(lease, change);
        }
        self.answer(lease, command, Answer::Done);

        self.put_back(ident);
        let known_after = self.flush.next();
        let key = self.keys.get_mut(ident).expect("a key in trouble is kept");
        key.trouble = Some(Trouble { head: *head, attempts: 0, after, known_after });
        if let Some(spill) = &mut key.spill {
            spill.after = spill.after.max(after);
        }
        self.start_refill(ident);
    }

    /// The key's rows leave memory: they are held in the store. It is not due and not ready.
    fn put_back(&mut self, ident: &Ident) {
        let key = self.keys.get_mut(ident).expect("a key in trouble is kept");
        key.split_off(0).iter().for_each(|row| self.window.drop_row(row));
        if let State::Waiting(at) = key.state {
            self.due.remove(&(at, ident.clone()));
        }
        self.turns.retain(|other| other != ident);
        self.is_fed();
    }

    fn answer(&mut self, lease: Lease, command: &Command, answer: Answer) {
        self.answered.push((command.lane, command.id));
        self.lanes.slot_mut(command.lane).settled_after = self.flush.next();
        self.flush.change(lease, Change::Answer(command.id, answer));
    }
}

/// How a command finds its key.
enum Case {
    AtRest(Trouble),
    /// Its head is under way, or its rows are being read: that ends by itself.
    Busy,
    Refused(String),
}
