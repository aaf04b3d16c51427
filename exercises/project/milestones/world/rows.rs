//! The rows of the outbox, and what has happened to each.

use super::super::sut::contract::Event;

/// A row of the outbox, and what the broker does with it.
#[derive(Clone, Debug)]
pub struct Row {
    pub id: u64,
    pub key: String,
    pub(super) takes_ms: u64,
    pub(super) fate: Fate,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Fate {
    Confirmed,
    /// Confirmed after this many transient failures.
    Unreliable(usize),
    Refused,
    Panics,
    NeverAnswered,
}

/// An event with a key of its own, which the broker confirms after this time.
pub fn row(id: u64, takes_ms: u64) -> Row {
    Row { id, key: format!("order-{id}"), takes_ms, fate: Fate::Confirmed }
}

impl Row {
    pub fn of_key(self, key: &str) -> Row {
        Row { key: key.to_owned(), ..self }
    }

    pub fn refused(self) -> Row {
        Row { fate: Fate::Refused, ..self }
    }

    pub fn panics(self) -> Row {
        Row { fate: Fate::Panics, ..self }
    }

    pub fn never_answered(self) -> Row {
        Row { fate: Fate::NeverAnswered, ..self }
    }

    pub fn fails_first(self, times: usize) -> Row {
        Row { fate: Fate::Unreliable(times), ..self }
    }

    pub(super) fn event(&self) -> Event {
        Event { id: self.id, key: self.key.clone(), payload: format!("payload of event {}", self.id) }
    }
}

/// What has happened to a row.
#[derive(Clone, Debug, Default)]
pub struct Record {
    /// When each publish began, and when it had which outcome.
    pub begun: Vec<u64>,
    pub outcomes: Vec<(u64, Outcome)>,
    /// When the marking began, and how it was marked once it had ended.
    pub marking: Option<u64>,
    pub marked: Option<(u64, Mark)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Confirmed,
    Transient,
    Refused,
    Panicked,
    Dropped,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    Sent,
    /// With the reason.
    Failed(String),
}

impl Record {
    pub fn confirmed_at(&self) -> Option<u64> {
        self.outcomes.iter().find(|(_, outcome)| *outcome == Outcome::Confirmed).map(|(at, _)| *at)
    }

    pub fn is_sent(&self) -> bool {
        matches!(self.marked, Some((_, Mark::Sent)))
    }
}
