//! What operators want of keys in trouble.
//!
//! A command waits until its key is at rest, and the store executes it: what it changes and its answer are in one flush, under
//! the lease of its lane. If that is lost, nothing of it is written, and the next owner is told the command again.

use super::Core;
use crate::message::Ident;
use crate::operations::{Command, Verb};
use crate::relay::key::State;
use crate::store::Change;

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
            if slot.is_opening() || slot.is_open() && self.is_busy(&command) {
                self.commands.push(command);
            } else if slot.is_open() {
                self.execute(command);
            }
        }
    }

    /// The key's head is under way, or rows are being read that the command may take away: that ends by itself.
    fn is_busy(&self, command: &Command) -> bool {
        let key = self.keys.get(&command.ident);
        let is_under_way = key.is_some_and(|key| !matches!(key.state, State::Idle | State::Held));
        let is_read = self.is_fetching || key.is_some_and(|key| key.spill.is_some_and(|spill| spill.asked));
        is_under_way || self.is_due_asked || command.verb == Verb::Clear && is_read
    }

    fn execute(&mut self, command: Command) {
        let Command { id, lane, ident, .. } = &command;
        if self.keys.get(ident).is_some_and(|key| key.trouble.is_some()) {
            // Whether its passed rows are deleted is for the store to say: it may refuse.
            self.put_back(ident);
        }
        self.executed_after = self.flush.next();
        self.answered.push((*lane, *id));
        self.change(command.lane, Change::Execute(command));
    }

    /// The key's rows leave memory: they are held in the store.
    fn put_back(&mut self, ident: &Ident) {
        let key = self.keys.get_mut(ident).expect("a key in trouble is kept");
        key.split_off(0).iter().for_each(|row| self.window.drop_row(row));
        self.turns.retain(|other| other != ident);
        self.hand_over(ident);
    }
}
