//! Another relay on the same store: it takes lanes, deals with rows, gives lanes back, and dies.

use std::time::Duration;

use super::rules::Rules;
use super::world::{TTL, World, at_once, read};
use crate::config::Exhausted;
use crate::message::{Envelope, Ident, Seq};
use crate::store::{Budget, Change, Changes, Cursor, Fenced, Held, Hold, Lane, Look, Owner, Store};

impl World {
    /// Another relay does something, or somebody ends an ownership before its time.
    pub(super) fn others(&mut self, rules: &mut Rules) {
        let lane = Lane(self.random.u16(..self.store.lanes()));
        match self.random.u32(0..10) {
            0 => self.store.usurp(lane),
            1..4 => {
                if self.random.bool() {
                    self.store.usurp(lane);
                }
                at_once(self.store.renew(&self.other, TTL));
                let lanes_max = self.random.u16(1..=self.store.lanes());
                self.others.extend(at_once(self.store.acquire(&self.other, lanes_max, TTL)));
            }
            4..8 => self.work(rules),
            8 => self.others_leave(),
            // It dies, and its lanes must expire.
            _ => self.others_end(),
        }
    }

    pub(super) fn others_leave(&mut self) {
        at_once(self.store.leave(&self.other));
        self.others_end();
    }

    fn others_end(&mut self) {
        self.others.clear();
        self.other = Owner::new(format!("{} and on", self.other));
    }

    /// The other relay deals with some rows.
    fn work(&mut self, rules: &mut Rules) {
        self.others.retain(|lease| self.store.is_owned(*lease));
        let cursors = self.others.iter().map(|lease| Cursor { lease: *lease, after: Seq::START });
        let look = Look { cursors: cursors.collect(), ..Look::default() };
        let rows = self.random.usize(1..6);
        let fetched = read(at_once(self.store.fetch(&look, Budget { rows, bytes: 100_000 })));
        let mut changes = Changes::default();
        let mut stuck: Vec<Ident> = Vec::new();
        for row in &fetched.rows {
            let ident = row.ident();
            if stuck.contains(&ident) {
                continue;
            }
            let lease = *self.others.iter().find(|lease| lease.lane == row.lane).expect("it was asked for");
            let change = match self.random.u32(0..10) {
                0..7 => {
                    rules.delivered(row);
                    changes.published.push(row.row());
                    continue;
                }
                7 => hold(row, Hold::RetryIn(Duration::from_millis(self.random.u64(..3_000)))),
                8 if self.exhausted == Exhausted::Park => hold(row, Hold::Parked),
                8 => Change::Bury { row: row.row(), attempts: 9, error: "no".into() },
                _ => Change::Started { row: row.row(), starts: self.random.u32(1..3) },
            };
            rules.failed_elsewhere(row);
            stuck.push(ident);
            changes.fenced.push(Fenced { lease, change });
        }
        at_once(self.store.settle(&changes));
    }
}

fn hold(row: &Envelope, hold: Hold) -> Change {
    let held = Held { lane: row.lane, ident: row.ident(), head: row.row(), attempts: 1, hold };
    Change::Hold { held, rows: vec![row.row()], error: "no".into() }
}
