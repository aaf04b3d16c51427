//! Whose turn it is to publish, and who goes under watch.
//!
//! A message may end the process that publishes it, and nobody is left to say so. To write down each start would cost a write
//! a message, so that is only done after an owner that did not leave cleanly, for as many rows as it can have had in memory:
//! the suspects. Some of them start at once. Those that were under way when a process ended again are accused, and start alone.
//! So only what ends the process by itself collects starts. The first of them, beside others, is none of its own: a process that is
//! killed again and again from outside would else have to meet a message alone only twice to have it given up.

use std::collections::{BTreeSet, HashMap, VecDeque};

use super::key::Key;
use crate::message::{Ident, RowId};
use crate::store::{Lane, Legacy, Started};

/// Suspects that are under way at once: what one more end accuses, and what one flush writes.
const WATCHED_MAX: usize = 64;

#[derive(Default)]
pub(super) struct Turns {
    /// Keys whose head may be published, first come, first served.
    ready: VecDeque<Ident>,
    /// Keys whose head is a suspect.
    suspects: VecDeque<Ident>,
    /// Keys whose head is accused, fewest starts first: a kill from outside hits the same one seldom.
    accused: BTreeSet<(u32, Ident)>,
    /// Keys whose head's start is being written, and the flush that commits it.
    starting: VecDeque<(u64, Ident)>,
    /// Keys whose head's start is written.
    started: VecDeque<Ident>,
    /// Starts without an outcome, as the store remembers them.
    starts: HashMap<RowId, Started>,
    /// Rows of this relay that are under watch: starting, started or publishing.
    watched: usize,
    /// The watched row is an accused one.
    is_alone: bool,
    /// Rows that may still become suspects.
    suspects_left: usize,
}

impl Turns {
    /// Lanes begin, and this is how they were left. At most `suspects` rows of them are suspected.
    pub(super) fn inherit(&mut self, opened: &[Lane], legacy: &Legacy, suspects: usize) {
        self.starts.retain(|_, started| !opened.contains(&started.lane));
        let started = legacy.started.iter().filter(|started| opened.contains(&started.lane));
        self.starts.extend(started.map(|started| (started.row, *started)));
        if legacy.abandoned.iter().any(|lane| opened.contains(lane)) {
            self.suspects_left = suspects;
        }
    }

    /// One more row may be suspected.
    pub(super) fn suspect(&mut self) -> bool {
        let is_left = self.suspects_left > 0;
        self.suspects_left -= usize::from(is_left);
        is_left
    }

    /// The key's head may go when it is its turn.
    pub(super) fn push(&mut self, key: &Key, ident: Ident) {
        if let Some(starts) = self.accusation(key) {
            self.accused.insert((starts, ident));
        } else if key.suspects > 0 {
            self.suspects.push_back(ident);
        } else {
            self.ready.push_back(ident);
        }
    }

    /// The same, before all others of its kind.
    pub(super) fn push_front(&mut self, key: &Key, ident: Ident) {
        if let Some(starts) = self.accusation(key) {
            self.accused.insert((starts, ident));
        } else if key.suspects > 0 {
            self.suspects.push_front(ident);
        } else {
            self.ready.push_front(ident);
        }
    }

    fn accusation(&self, key: &Key) -> Option<u32> {
        if self.starts.is_empty() {
            return None;
        }
        let head = key.head().expect("a key whose turn comes has a row");
        self.starts.get(&head.row()).map(|started| started.starts)
    }

    pub(super) fn retain(&mut self, keeps: impl Fn(&Ident) -> bool) {
        self.ready.retain(&keeps);
        self.suspects.retain(&keeps);
        self.accused.retain(|(_, ident)| keeps(ident));
    }

    /// Somebody waits for the sink only: not for what is under way, which would wake the core anyway.
    pub(super) fn is_waiting(&self, is_quiet: bool) -> bool {
        let is_next = if self.accused.is_empty() { !self.suspects.is_empty() } else { is_quiet };
        self.is_publishable() || is_next && self.watched == 0
    }

    /// Somebody waits for going under watch.
    pub(super) fn is_watching(&self) -> bool {
        !self.suspects.is_empty() || !self.accused.is_empty()
    }

    /// Whether [`next`](Self::next) has one.
    pub(super) fn is_publishable(&self) -> bool {
        let is_open = !self.is_alone && self.accused.is_empty();
        !self.started.is_empty() || is_open && !self.ready.is_empty()
    }

    /// The key whose head is published next. While an accused one waits or is under way, no other begins.
    pub(super) fn next(&mut self) -> Ident {
        self.started.pop_front().or_else(|| self.ready.pop_front()).expect("there is one")
    }

    /// An accused key that has started alone so often.
    pub(super) fn next_convicted(&mut self, alone_max: u32) -> Option<Ident> {
        let is_convicted = self.accused.last().is_some_and(|(starts, _)| *starts > alone_max);
        is_convicted.then(|| self.accused.pop_last().expect("there is one").1)
    }

    /// The key that goes under watch next: an accused one when nothing else is under way, else some suspects.
    pub(super) fn next_watched(&mut self, is_quiet: bool, is_probe: bool) -> Option<Ident> {
        let watched_max = if is_probe { 1 } else { WATCHED_MAX };
        let ident = if self.accused.is_empty() {
            let is_room = !self.is_alone && self.watched < watched_max;
            is_room.then(|| self.suspects.pop_front()).flatten()?
        } else if is_quiet && self.watched == 0 {
            self.is_alone = true;
            self.accused.pop_first()?.1
        } else {
            return None;
        };
        self.watched += 1;
        Some(ident)
    }

    /// The flush of this number writes the start of the key's head. Returns which start of it this is.
    pub(super) fn start(&mut self, flush: u64, ident: Ident, lane: Lane, row: RowId) -> u32 {
        let started = self.starts.entry(row).or_insert(Started { lane, row, starts: 0 });
        started.starts += 1;
        self.starting.push_back((flush, ident));
        started.starts
    }

    /// Starts that are written by now may be published.
    pub(super) fn written(&mut self, is_done: impl Fn(u64) -> bool) {
        while let Some((_, ident)) = self.starting.pop_front_if(|(flush, _)| is_done(*flush)) {
            self.started.push_back(ident);
        }
    }

    /// Takes out the keys under watch that are not publishing yet.
    pub(super) fn recall(&mut self, which: impl Fn(&Ident) -> bool) -> Vec<Ident> {
        let mut recalled = Vec::new();
        self.starting.retain(|(_, ident)| keep_or_move(&which, ident, &mut recalled));
        self.started.retain(|ident| keep_or_move(&which, ident, &mut recalled));
        recalled
    }

    /// The row has an outcome, or has not started after all. Returns what remains of its starts, if it was under watch.
    pub(super) fn end(&mut self, row: RowId, outcome: Outcome) -> Option<u32> {
        let started = self.starts.get_mut(&row)?;
        self.watched -= 1;
        self.is_alone = false;
        started.starts -= 1;
        let remaining = match outcome {
            Outcome::Known => 0,
            Outcome::NotStarted => started.starts,
        };
        if remaining == 0 {
            self.starts.remove(&row);
        }
        Some(remaining)
    }

    /// The row is given up.
    pub(super) fn convict(&mut self, row: RowId) {
        self.starts.remove(&row);
    }
}

fn keep_or_move(which: impl Fn(&Ident) -> bool, ident: &Ident, moved: &mut Vec<Ident>) -> bool {
    let is_moved = which(ident);
    if is_moved {
        moved.push(ident.clone());
    }
    !is_moved
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The sink has answered, or not in time: the process lives.
    Known,
    /// As if it had not been tried.
    NotStarted,
}
