//! [`Checker`]: compares what was committed with what was delivered.
//!
//! Holds one entry per message and key, and a number per message and subscriber; no ledger is kept.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use super::{Committed, Delivered, Fault, Kind, Outcome, Verdict};

/// What must hold.
#[derive(Clone, Debug, Default)]
pub struct Expectation {
    /// Who receives every message, and how.
    pub subscribers: BTreeMap<String, Kind>,
    /// Duplicates that each subscriber may get: 0 after a clean stop, after kills at most the messages that were in
    /// flight.
    pub duplicates_max: u64,
}

/// Takes the records of a run in any order between the ledgers, and says what holds.
///
/// Records of one ledger come in its order; that of the delivered ledger is the order in which each subscriber got
/// them. A delivery may be told before its commit.
#[derive(Debug)]
pub struct Checker {
    pub(super) duplicates_max: u64,
    pub(super) subscribers: BTreeMap<String, Subscriber>,
    pub(super) messages: Vec<Message>,
    by_id: HashMap<Arc<str>, usize>,
    /// The last number that may have been committed, by key.
    last_seq: HashMap<Arc<str>, u64>,
    pub(super) dead: HashSet<String>,
    pub(super) parked: BTreeSet<String>,
    pub(super) faults: BTreeMap<String, u64>,
    committed: u64,
    pub(super) delivered: u64,
}

/// A message that some ledger has named.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) id: Arc<str>,
    /// As committed; as first delivered as long as no commit is known.
    pub(super) content: Content,
    /// The line in its ledger, and the outcome; absent as long as no commit is known.
    pub(super) commit: Option<(u64, Outcome)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) key: Option<Arc<str>>,
    pub(super) seq: u64,
    pub(super) crc32: u32,
}

#[derive(Debug)]
pub(super) struct Subscriber {
    pub(super) kind: Kind,
    /// By message: the line in the ledger where it was delivered first; 0 is never.
    pub(super) first: Vec<u64>,
    /// By key: the highest number that was delivered.
    highest: HashMap<Arc<str>, u64>,
    pub(super) delivered: u64,
    pub(super) duplicates: u64,
    /// The first duplicate beyond the bound.
    pub(super) excess: Option<usize>,
    /// First deliveries behind a higher number of their key, with that number.
    pub(super) late: Vec<(usize, u64)>,
    /// Deliveries whose content is not what was committed, and those whose commit was not known yet.
    pub(super) suspect: Vec<(usize, Content)>,
}

/// A record that cannot be true: the workload is wrong, and not the system that it tests.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{ledger} record {record}: {problem}")]
pub struct Contradiction {
    ledger: &'static str,
    record: u64,
    problem: String,
}

impl Checker {
    /// A checker that has seen nothing.
    pub fn new(expectation: Expectation) -> Self {
        let Expectation { subscribers, duplicates_max } = expectation;
        Self {
            duplicates_max,
            subscribers: subscribers.into_iter().map(|(name, kind)| (name, Subscriber::new(kind))).collect(),
            messages: Vec::new(),
            by_id: HashMap::new(),
            last_seq: HashMap::new(),
            dead: HashSet::new(),
            parked: BTreeSet::new(),
            faults: BTreeMap::new(),
            committed: 0,
            delivered: 0,
        }
    }

    /// The next record of the committed ledger.
    ///
    /// # Errors
    ///
    /// It contradicts one before; it is not taken.
    pub fn committed(&mut self, record: Committed) -> Result<(), Contradiction> {
        self.committed += 1;
        let line = self.committed;
        let content = Content { key: record.key.map(Arc::from), seq: record.seq, crc32: record.crc32 };
        if self.by_id.get(&*record.id).is_some_and(|&at| self.messages[at].commit.is_some()) {
            let problem = format!("id {:?} is there already", record.id);
            return Err(Contradiction { ledger: "committed", record: line, problem });
        }
        if let Some(key) = &content.key
            && record.outcome != Outcome::RolledBack
        {
            let last = self.last_seq.entry(Arc::clone(key)).or_default();
            if content.seq <= *last {
                let problem = format!("key {key:?} has seq {} after {last}", content.seq);
                return Err(Contradiction { ledger: "committed", record: line, problem });
            }
            *last = content.seq;
        }
        let at = self.place(&record.id, &content);
        self.messages[at].content = content;
        self.messages[at].commit = Some((line, record.outcome));
        Ok(())
    }

    /// The next record of the delivered ledger.
    ///
    /// # Errors
    ///
    /// The subscriber is not expected; the record is not taken.
    pub fn delivered(&mut self, record: Delivered) -> Result<(), Contradiction> {
        self.delivered += 1;
        let line = self.delivered;
        if !self.subscribers.contains_key(&record.subscriber) {
            let problem = format!("subscriber {:?} is not in the expectation", record.subscriber);
            return Err(Contradiction { ledger: "delivered", record: line, problem });
        }
        let content = Content { key: record.key.map(Arc::from), seq: record.seq, crc32: record.crc32 };
        let at = self.place(&record.id, &content);
        let message = &self.messages[at];
        let subscriber = self.subscribers.get_mut(&record.subscriber).expect("it was there a moment ago");
        subscriber.delivered += 1;
        if message.commit.is_none() || message.content != content {
            subscriber.suspect.push((at, content));
        }
        subscriber.note(at, &message.content, line, self.duplicates_max);
        Ok(())
    }

    /// The next record of the fault ledger: counted, and shown beside the verdict.
    pub fn fault(&mut self, record: Fault) {
        *self.faults.entry(record.kind).or_default() += 1;
    }

    /// This message is in the dead-letter table: it need not arrive, and after a redrive it may arrive late.
    pub fn dead_lettered(&mut self, id: impl Into<String>) {
        self.dead.insert(id.into());
    }

    /// This key is parked: what has not arrived of it need not.
    pub fn parked(&mut self, key: impl Into<String>) {
        self.parked.insert(key.into());
    }

    /// What holds, if nothing more comes.
    pub fn verdict(&self) -> Verdict {
        Verdict::of(self)
    }

    fn place(&mut self, id: &str, content: &Content) -> usize {
        if let Some(&at) = self.by_id.get(id) {
            return at;
        }
        let (id, at) = (Arc::from(id), self.messages.len());
        self.by_id.insert(Arc::clone(&id), at);
        self.messages.push(Message { id, content: content.clone(), commit: None });
        at
    }

    /// Whether the message must arrive at everybody: committed, or delivered to one though the outcome is unknown.
    pub(super) fn is_owed(&self, at: usize) -> bool {
        match self.messages[at].commit {
            Some((_, Outcome::Committed)) => true,
            Some((_, Outcome::Unknown)) => self.subscribers.values().any(|s| s.first_line(at).is_some()),
            Some((_, Outcome::RolledBack)) | None => false,
        }
    }

    /// Whether the message is dead-lettered, or of a parked key.
    pub(super) fn is_excused(&self, at: usize) -> bool {
        let Message { id, content, .. } = &self.messages[at];
        self.dead.contains(&**id) || content.key.as_ref().is_some_and(|key| self.parked.contains(&**key))
    }
}

impl Subscriber {
    fn new(kind: Kind) -> Self {
        Self {
            kind,
            first: Vec::new(),
            highest: HashMap::new(),
            delivered: 0,
            duplicates: 0,
            excess: None,
            late: Vec::new(),
            suspect: Vec::new(),
        }
    }

    pub(super) fn first_line(&self, at: usize) -> Option<u64> {
        self.first.get(at).copied().filter(|line| *line > 0)
    }

    fn note(&mut self, at: usize, content: &Content, line: u64, duplicates_max: u64) {
        if self.first_line(at).is_some() {
            self.duplicates += 1;
            if self.duplicates > duplicates_max {
                self.excess.get_or_insert(at);
            }
            return;
        }
        if self.first.len() <= at {
            self.first.resize(at + 1, 0);
        }
        self.first[at] = line;

        let (Some(key), Kind::Ordered | Kind::Lossy) = (&content.key, self.kind) else { return };
        let highest = self.highest.entry(Arc::clone(key)).or_default();
        if content.seq < *highest {
            self.late.push((at, *highest));
        }
        *highest = content.seq.max(*highest);
    }
}
