//! Publishing under watch: see [`Turns`](crate::relay::turns::Turns).

use std::sync::Arc;

use tokio::time::Instant;

use super::Core;
use crate::message::{Envelope, Ident};
use crate::relay::key::{Key, State};
use crate::relay::turns::Outcome;
use crate::store::Change;

/// After so many starts without an outcome, each of which was alone, a message is given up.
const ALONE_MAX: u32 = 3;

impl Core {
    /// Gives up what has ended the process too often, and writes down the starts of what goes under watch.
    pub(super) fn watch(&mut self, now: Instant) {
        while let Some(ident) = self.turns.next_convicted(ALONE_MAX) {
            self.convict(&ident);
        }
        // A start that must wait for the sink is none.
        while self.turns.is_watching() && self.breaker.allows(now) {
            let is_probe = self.breaker.reason().is_some();
            let Some(ident) = self.turns.next_watched(self.publishing == 0, is_probe) else { break };
            let key = self.keys.get_mut(&ident).expect("a key that waits for its turn is kept");
            key.state = State::Starting;
            let head = Arc::clone(key.head().expect("a key whose turn comes has a row"));
            let starts = self.turns.start(self.flush.next(), ident, head.lane, head.row());
            self.change(head.lane, Change::Started { row: head.row(), starts });
        }
    }

    /// The row's publishing has ended, and the process has not: it is no suspect any more, if it was one.
    pub(super) fn unwatch(&mut self, row: &Envelope, outcome: Outcome) {
        let Some(starts) = self.turns.end(row.row(), outcome) else { return };
        if self.lanes.slot(row.lane).lease().is_some() {
            self.change(row.lane, Change::Started { row: row.row(), starts });
        }
    }

    /// Takes back starts that have been written, or will be, and do not happen.
    pub(super) fn recall(&mut self, which: impl Fn(&Key) -> bool) {
        let keys = &self.keys;
        for ident in self.turns.recall(|ident| keys.get(ident).is_some_and(&which)) {
            let key = self.keys.get_mut(&ident).expect("a key under watch is kept");
            key.state = State::Idle;
            let head = Arc::clone(key.head().expect("a key under watch has a row"));
            self.unwatch(&head, Outcome::NotStarted);
        }
    }

    fn convict(&mut self, ident: &Ident) {
        let key = self.keys.get(ident).expect("a key that waits for its turn is kept");
        let head = Arc::clone(key.head().expect("a key whose turn comes has a row"));
        self.turns.convict(head.row());
        self.change(head.lane, Change::Started { row: head.row(), starts: 0 });
        self.counts.failed += 1;
        let error = format!("the process ended {ALONE_MAX} times while only this was published");
        self.exhausted(ident, &head, ALONE_MAX, error);
    }
}
