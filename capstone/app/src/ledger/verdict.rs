//! [`Verdict`]: what a run is worth.

use std::{collections::BTreeMap, fmt};

use serde::Serialize;

use super::{
    Outcome,
    checker::{Checker, Content, Message, Subscriber},
};

/// What a subscriber was promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Every message, in the order of its key.
    Ordered,
    /// Several members as one: every message, in no order.
    QueueGroup,
    /// Whatever there was room for, in the order of its key. What it missed is shown, and is no fault.
    Lossy,
}

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Symptom {
    /// Committed, and never delivered, and neither dead-lettered nor parked.
    Lost,
    /// Delivered, and rolled back or never committed.
    Invented,
    /// Delivered for the first time behind a later message of its key.
    OutOfOrder,
    /// Delivered again, more often than allowed.
    Duplicate,
    /// Delivered with another key, number or checksum than committed.
    Corrupted,
}

/// The counts of one subscriber.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// What it was promised.
    pub kind: Kind,
    /// Deliveries, duplicates included.
    pub delivered: u64,
    /// See [`Symptom::Lost`].
    pub lost: u64,
    /// See [`Symptom::Invented`].
    pub invented: u64,
    /// See [`Symptom::OutOfOrder`].
    pub out_of_order: u64,
    /// Deliveries of a message that it had already, the allowed ones included.
    pub duplicates: u64,
    /// See [`Symptom::Corrupted`].
    pub corrupted: u64,
    /// Messages that it did not get and need not: only of a lossy one.
    pub gaps: u64,
}

/// The smallest window that shows that something is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What is wrong.
    pub symptom: Symptom,
    /// For whom.
    pub subscriber: String,
    /// In which key, if the message has one.
    pub key: Option<String>,
    /// From this number of the key on,
    pub seq_first: u64,
    /// up to this one.
    pub seq_last: u64,
    /// What the ledgers say about these messages and their neighbours in the key; at most a dozen lines.
    pub lines: Vec<String>,
}

/// The result of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Nothing lost, invented, out of order or corrupted, and no subscriber with more duplicates than allowed.
    pub holds: bool,
    /// Messages whose transaction was committed.
    pub committed: u64,
    /// Messages whose transaction was rolled back.
    pub rolled_back: u64,
    /// Messages whose writer does not know.
    pub unknown: u64,
    /// Deliveries to all subscribers together; so are the next six.
    pub delivered: u64,
    /// See [`Symptom::Lost`].
    pub lost: u64,
    /// See [`Symptom::Invented`].
    pub invented: u64,
    /// See [`Symptom::OutOfOrder`].
    pub out_of_order: u64,
    /// The allowed ones included.
    pub duplicates: u64,
    /// See [`Symptom::Corrupted`].
    pub corrupted: u64,
    /// What the lossy subscribers missed.
    pub gaps: u64,
    /// Allowed duplicates per subscriber.
    pub duplicates_max: u64,
    /// Faults by kind.
    pub faults: BTreeMap<String, u64>,
    /// By name.
    pub subscribers: BTreeMap<String, Tally>,
    /// Where to look first.
    pub first_problem: Option<Problem>,
}

impl Verdict {
    pub(super) fn of(checker: &Checker) -> Self {
        let mut findings = Vec::new();
        let mut subscribers = BTreeMap::new();
        for (name, subscriber) in &checker.subscribers {
            subscribers.insert(name.clone(), tally(checker, name, subscriber, &mut findings));
        }
        let sum = |count: fn(&Tally) -> u64| subscribers.values().map(count).sum();
        let ended = |wanted| {
            let commits = checker.messages.iter().filter_map(|message| message.commit);
            commits.filter(|(_, outcome)| *outcome == wanted).count() as u64
        };
        let first = findings.iter().min_by_key(|finding| finding.rank(checker));
        Self {
            holds: findings.is_empty(),
            committed: ended(Outcome::Committed),
            rolled_back: ended(Outcome::RolledBack),
            unknown: ended(Outcome::Unknown),
            delivered: sum(|tally| tally.delivered),
            lost: sum(|tally| tally.lost),
            invented: sum(|tally| tally.invented),
            out_of_order: sum(|tally| tally.out_of_order),
            duplicates: sum(|tally| tally.duplicates),
            corrupted: sum(|tally| tally.corrupted),
            gaps: sum(|tally| tally.gaps),
            duplicates_max: checker.duplicates_max,
            faults: checker.faults.clone(),
            subscribers,
            first_problem: first.map(|finding| finding.problem(checker)),
        }
    }
}

/// A message that shows what is wrong.
struct Finding<'a> {
    symptom: Symptom,
    name: &'a str,
    at: usize,
    /// The last number of the key that belongs to it.
    seq_last: u64,
    /// What arrived instead.
    arrived: Option<&'a Content>,
}

fn tally<'a>(
    checker: &'a Checker,
    name: &'a str,
    subscriber: &'a Subscriber,
    findings: &mut Vec<Finding<'a>>,
) -> Tally {
    let content = |at: usize| &checker.messages[at].content;
    let before = findings.len();
    let mut found = |symptom, at, seq_last, arrived| {
        findings.push(Finding { symptom, name, at, seq_last, arrived });
    };

    let mut gaps = 0;
    for (at, message) in checker.messages.iter().enumerate() {
        let seq = message.content.seq;
        if subscriber.first_line(at).is_some() {
            if matches!(message.commit, None | Some((_, Outcome::RolledBack))) {
                found(Symptom::Invented, at, seq, None);
            }
        } else if checker.is_owed(at) && !checker.is_excused(at) {
            match subscriber.kind {
                Kind::Lossy => gaps += 1,
                Kind::Ordered | Kind::QueueGroup => found(Symptom::Lost, at, seq, None),
            }
        }
    }
    // What is redriven from the dead letters or unparked comes when it comes.
    for (at, highest) in subscriber.late.iter().filter(|(at, _)| !checker.is_excused(*at)) {
        found(Symptom::OutOfOrder, *at, *highest, None);
    }
    for (at, arrived) in &subscriber.suspect {
        if checker.messages[*at].commit.is_some() && arrived != content(*at) {
            found(Symptom::Corrupted, *at, content(*at).seq, Some(arrived));
        }
    }
    if let Some(at) = subscriber.excess {
        found(Symptom::Duplicate, at, content(at).seq, None);
    }

    let findings = &findings[before..];
    let count = |symptom| findings.iter().filter(|finding| finding.symptom == symptom).count() as u64;
    Tally {
        kind: subscriber.kind,
        delivered: subscriber.delivered,
        lost: count(Symptom::Lost),
        invented: count(Symptom::Invented),
        out_of_order: count(Symptom::OutOfOrder),
        duplicates: subscriber.duplicates,
        corrupted: count(Symptom::Corrupted),
        gaps,
    }
}

impl Finding<'_> {
    /// The shortest window first; among those the symptom, then the oldest message.
    fn rank(&self, checker: &Checker) -> (u64, Symptom, usize) {
        let seq_first = checker.messages[self.at].content.seq;
        (self.seq_last.saturating_sub(seq_first), self.symptom, self.at)
    }

    fn problem(&self, checker: &Checker) -> Problem {
        let message = &checker.messages[self.at];
        let content = &message.content;
        let mut seq_last = self.seq_last;

        // The key in the order of its numbers; a message without a key stands alone.
        let mut of_key = vec![self.at];
        if content.key.is_some() {
            of_key = (0..checker.messages.len())
                .filter(|&i| checker.messages[i].content.key == content.key)
                .collect();
            of_key.sort_by_key(|&at| checker.messages[at].content.seq);
        }
        let here = of_key.iter().position(|&at| at == self.at).expect("the message is one of its own key");
        let subscriber = &checker.subscribers[self.name];
        if self.symptom == Symptom::Lost {
            // What was lost in a row is one window.
            let lost = |at: &usize| subscriber.first_line(*at).is_none() && checker.is_owed(*at);
            let run = of_key[here..].iter().take_while(|at| lost(at));
            seq_last = run.last().map_or(seq_last, |&at| checker.messages[at].content.seq);
        }

        let window =
            of_key[here..].iter().take_while(|&&at| checker.messages[at].content.seq <= seq_last).count();
        let shown = here.saturating_sub(NEIGHBOURS)..of_key.len().min(here + window + NEIGHBOURS);
        let mut lines: Vec<String> = of_key[shown].iter().map(|&at| line(checker, subscriber, at)).collect();
        if lines.len() > LINES_MAX {
            let left_out = lines.len() - LINES_MAX + 1;
            lines.splice(LINES_MAX / 2..LINES_MAX / 2 + left_out, [format!("… {left_out} more")]);
        }
        if let Some(Content { key, seq, crc32 }) = self.arrived {
            let key = key.as_deref().unwrap_or("-");
            lines.push(format!("id {} arrived as key {key}, seq {seq}, crc32 {crc32:08x}", message.id));
        }
        let key = content.key.as_deref().map(str::to_owned);
        Problem {
            symptom: self.symptom,
            subscriber: self.name.to_owned(),
            key,
            seq_first: content.seq,
            seq_last,
            lines,
        }
    }
}

/// Messages shown in front of a window and behind it.
const NEIGHBOURS: usize = 2;
const LINES_MAX: usize = 11;

fn line(checker: &Checker, subscriber: &Subscriber, at: usize) -> String {
    let Message { id, content, commit } = &checker.messages[at];
    let committed = match commit {
        Some((line, Outcome::Committed)) => format!("committed (line {line})"),
        Some((line, Outcome::RolledBack)) => format!("rolled back (line {line})"),
        Some((line, Outcome::Unknown)) => format!("outcome unknown (line {line})"),
        None => "never committed".to_owned(),
    };
    let delivered = match subscriber.first_line(at) {
        Some(line) => format!("delivered (line {line})"),
        None if checker.is_excused(at) => "not delivered: dead-lettered or parked".to_owned(),
        None => "not delivered".to_owned(),
    };
    format!("seq {} id {id} crc32 {:08x}: {committed}, {delivered}", content.seq, content.crc32)
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", if self.holds { "every promise was kept" } else { "a promise was BROKEN" })?;
        let Self { committed, rolled_back, unknown, .. } = self;
        writeln!(f, "committed {committed}, rolled back {rolled_back}, unknown {unknown}")?;
        for (kind, times) in &self.faults {
            writeln!(f, "fault {kind}: {times}")?;
        }
        for (name, tally) in &self.subscribers {
            writeln!(f, "{name}: {tally}")?;
        }
        writeln!(f, "allowed duplicates per subscriber: {}", self.duplicates_max)?;
        self.first_problem.iter().try_for_each(|problem| write!(f, "{problem}"))
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { kind, delivered, lost, invented, out_of_order, duplicates, corrupted, gaps } = self;
        let kind = match kind {
            Kind::Ordered => "in order",
            Kind::QueueGroup => "queue group",
            Kind::Lossy => "may miss messages",
        };
        write!(
            f,
            "{kind}; delivered {delivered}, lost {lost}, invented {invented}, out of order {out_of_order}, "
        )?;
        write!(f, "duplicates {duplicates}, corrupted {corrupted}, gaps {gaps}")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let symptom = match self.symptom {
            Symptom::Lost => "lost",
            Symptom::Invented => "invented",
            Symptom::OutOfOrder => "out of order",
            Symptom::Duplicate => "delivered too often",
            Symptom::Corrupted => "corrupted",
        };
        write!(f, "first problem: {symptom}, subscriber {}", self.subscriber)?;
        match &self.key {
            Some(key) => writeln!(f, ", key {key}, seq {} to {}", self.seq_first, self.seq_last)?,
            None => writeln!(f, ", no key")?,
        }
        self.lines.iter().try_for_each(|line| writeln!(f, "  {line}"))
    }
}
