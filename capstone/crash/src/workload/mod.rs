//! Messages, and who writes them: `capstone enqueue` in processes of its own, and an application beside it.

mod postgres;
mod sqlite;
mod writer;

use std::collections::HashMap;

use capstone_outbox::{Message, MessageId};
use fastrand::Rng;
use serde_json::json;

use crate::destination::checksum;
use crate::place::{Database, Place};
use crate::plan::End;
use crate::written::{Nature, STRAY, Told, Written};
pub(crate) use writer::Wrote;
use writer::{Mode, Writer};

const TOPICS: [&str; 3] = ["orders.created", "orders.paid", "orders.shipped"];

/// A message that is to be written.
#[derive(Clone, Debug)]
struct Draft {
    id: MessageId,
    topic: &'static str,
    key: Option<String>,
    note: String,
    payload: Vec<u8>,
    is_poison: bool,
}

/// Everything that was to be written so far, by id.
pub(crate) type Ledger = HashMap<String, Written>;

/// Transactions of an application with connections of its own.
pub(crate) struct Application {
    /// With what becomes of each: the even ones are committed, the odd ones rolled back.
    transactions: Vec<Vec<Draft>>,
    pace: Pace,
    random: Rng,
}

/// How an application goes about its transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pace {
    /// Some stay open for a while, and lose their connection.
    Leisurely,
    /// One statement and the commit.
    Brisk,
}

pub(crate) struct Workload {
    random: Rng,
    keys: Vec<String>,
    poisoned: u64,
    strays: u64,
}

impl Workload {
    pub(crate) fn new(random: Rng, keys: Vec<String>) -> Self {
        Self { random, keys, poisoned: 0, strays: 0 }
    }

    /// A process with up to 100 messages.
    pub(crate) fn writer(&mut self, end: Option<End>) -> Writer {
        let mode = match self.random.u32(..4) {
            0 | 1 => Mode::PerLine,
            2 => Mode::Whole,
            _ if end.is_some() => Mode::PerLine,
            _ => Mode::Bad,
        };
        let count = self.random.usize(20..=100);
        let drafts = (0..count).map(|_| self.json()).collect();
        Writer { drafts, mode, end }
    }

    /// Up to eight transactions; `with_poison` adds a message without a key and one with a key of its own that no sink
    /// can publish, and one behind it.
    pub(crate) fn application(&mut self, with_poison: bool) -> Application {
        let count = self.random.usize(2..=8);
        let mut transactions: Vec<Vec<Draft>> = (0..count)
            .map(|_| {
                let size = self.random.usize(1..=10);
                (0..size).map(|_| if self.random.bool() { self.json() } else { self.bytes() }).collect()
            })
            .collect();
        if with_poison {
            self.poisoned += 1;
            let key = Some(format!("poisoned-{}", self.poisoned));
            let keyless = Draft { key: None, is_poison: true, ..self.json() };
            let keyed = Draft { key: key.clone(), is_poison: true, ..self.json() };
            let behind = Draft { key, ..self.json() };
            transactions[0].extend([keyless, keyed, behind]);
        }
        Application { transactions, pace: Pace::Leisurely, random: self.random.fork() }
    }

    /// One transaction with so many messages, which is committed.
    pub(crate) fn brief(&mut self, count: usize) -> Application {
        let drafts = (0..count).map(|_| self.json()).collect();
        self.in_one_transaction(drafts)
    }

    /// As [`brief`](Self::brief), of messages without a key.
    pub(crate) fn keyless(&mut self, count: usize) -> Application {
        let drafts = (0..count).map(|_| Draft { key: None, ..self.json() }).collect();
        self.in_one_transaction(drafts)
    }

    /// As [`brief`](Self::brief), of messages that no stream takes, each of a key of its own.
    pub(crate) fn strays(&mut self, count: usize) -> Application {
        let mut one = |_| {
            self.strays += 1;
            Draft { topic: STRAY, key: Some(format!("stray-{}", self.strays)), ..self.json() }
        };
        let drafts = (0..count).map(&mut one).collect();
        self.in_one_transaction(drafts)
    }

    /// As [`keyless`](Self::keyless), of messages that no sink can publish.
    pub(crate) fn poison(&mut self, count: usize) -> Application {
        let one = |_| Draft { key: None, is_poison: true, ..self.json() };
        let drafts = (0..count).map(one).collect();
        self.in_one_transaction(drafts)
    }

    fn in_one_transaction(&mut self, drafts: Vec<Draft>) -> Application {
        Application { transactions: vec![drafts], pace: Pace::Brisk, random: self.random.fork() }
    }

    fn json(&mut self) -> Draft {
        let note = self.note();
        let payload = json!({ "amount": self.random.u32(..100_000), "note": note }).to_string().into_bytes();
        // A fifth has none.
        let key = self.random.usize(..self.keys.len() * 5 / 4);
        Draft {
            id: MessageId::generate(),
            topic: TOPICS[self.random.usize(..TOPICS.len())],
            key: self.keys.get(key).cloned(),
            note: self.note(),
            payload,
            is_poison: false,
        }
    }

    /// With a payload that is no text.
    fn bytes(&mut self) -> Draft {
        let length = self.random.usize(..300);
        let payload = (0..length).map(|_| self.random.u8(..)).collect();
        Draft { payload, ..self.json() }
    }

    fn note(&mut self) -> String {
        let length = self.random.usize(..40);
        (0..length).map(|_| self.random.char('a'..='ÿ')).filter(|letter| letter.is_alphabetic()).collect()
    }
}

impl Draft {
    fn line(&self) -> String {
        let payload = std::str::from_utf8(&self.payload).expect("processes write JSON");
        let payload = serde_json::value::RawValue::from_string(payload.to_owned()).expect("it is JSON");
        let mut line =
            json!({ "id": self.id.to_string(), "topic": self.topic, "headers": { "note": self.note } });
        if let Some(key) = &self.key {
            line["key"] = json!(key);
        }
        let mut line = line.to_string();
        line.truncate(line.len() - 1);
        format!("{line},\"payload\":{payload}}}\n")
    }

    fn message(&self) -> anyhow::Result<Message> {
        let message = Message::new(self.topic.parse()?, self.payload.clone()).with_id(self.id);
        let message = message.with_header("note", &*self.note);
        Ok(match &self.key {
            Some(key) => message.with_key(&**key)?,
            None => message,
        })
    }

    fn note(&self, ledger: &mut Ledger, told: Told) {
        let headers = [("note".to_owned(), self.note.clone())].into();
        let crc32 = checksum(self.topic, &headers, &self.payload);
        let nature = if self.is_poison { Nature::Poison } else { Nature::Good };
        let written = Written { key: self.key.clone(), crc32, told, nature };
        ledger.insert(self.id.to_string(), written);
    }
}

impl Application {
    pub(crate) async fn run(self, place: &Place) -> anyhow::Result<Ledger> {
        match &place.database {
            Database::Sqlite(place) => {
                let place = place.clone();
                tokio::task::spawn_blocking(move || sqlite::run(&self.transactions, &place)).await?
            }
            Database::Postgres(place) => postgres::run(self, place).await,
        }
    }
}
