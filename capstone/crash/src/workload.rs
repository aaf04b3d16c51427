//! Messages, and who writes them: `capstone enqueue` in processes of its own, and an application beside it.

use std::collections::{HashMap, HashSet};
use std::process::Stdio;

use anyhow::Context;
use capstone_outbox::{Message, MessageId, sqlite};
use fastrand::Rng;
use rusqlite::TransactionBehavior;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::destination::checksum;
use crate::place::Place;
use crate::plan::End;
use crate::program::{self, Ended, Program};

const KEYS: u32 = 40;
const TOPICS: [&str; 3] = ["orders.created", "orders.paid", "orders.shipped"];
/// JSON to SQLite, which also takes JSON5, and to nobody else: what other programs may write, and no sink can publish.
const POISON: &str = "{a:1}";

/// What its writer was told about a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    Committed,
    RolledBack,
    /// It was killed before.
    Nothing,
}

/// A message as it was meant, and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Written {
    pub(crate) key: Option<String>,
    pub(crate) crc32: u32,
    pub(crate) told: Told,
    pub(crate) is_poison: bool,
}

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

/// How a process writes its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// A transaction a line; those that wait share a commit.
    PerLine,
    /// One transaction.
    Whole,
    /// One transaction that ends with a bad line, and so is rolled back.
    Bad,
}

/// A process that writes.
pub(crate) struct Writer {
    drafts: Vec<Draft>,
    mode: Mode,
    end: Option<End>,
}

/// Transactions of an application with a connection of its own.
pub(crate) struct Application {
    /// With what becomes of each: the even ones are committed, the odd ones rolled back.
    transactions: Vec<Vec<Draft>>,
}

pub(crate) struct Workload {
    random: Rng,
    poisoned: u64,
}

impl Workload {
    pub(crate) fn new(random: Rng) -> Self {
        Self { random, poisoned: 0 }
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
        Application { transactions }
    }

    fn json(&mut self) -> Draft {
        let note = self.note();
        let payload = json!({ "amount": self.random.u32(..100_000), "note": note }).to_string().into_bytes();
        let key = self.random.u32(..KEYS + 10);
        Draft {
            id: MessageId::generate(),
            topic: TOPICS[self.random.usize(..TOPICS.len())],
            key: (key < KEYS).then(|| format!("order-{key}")),
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
        let written = Written { key: self.key.clone(), crc32, told, is_poison: self.is_poison };
        ledger.insert(self.id.to_string(), written);
    }
}

impl Writer {
    /// Runs the process and notes what it was told. `None`: nobody was to end it.
    pub(crate) async fn run(
        self,
        program: &Program,
        place: &Place,
    ) -> anyhow::Result<(Ledger, Option<Ended>)> {
        let (db, mut text) = (place.db(), self.drafts.iter().map(Draft::line).collect::<String>());
        let mut arguments = vec!["enqueue", "--db", &db];
        match self.mode {
            Mode::PerLine => arguments.extend(["--per-line", "--acknowledge"]),
            Mode::Whole => {}
            Mode::Bad => text += "this is no message\n",
        }
        let mut command = program.command(&place.folder, "enqueue.log", &arguments)?;
        let end = self.end.unwrap_or(End::Kill(program::LONG));
        program::arm(&mut command, end);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut stdout = child.stdout.take().context("it has a pipe")?;
        let mut pipe = child.stdin.take().context("it has a pipe")?;
        // What is killed, or stops at a bad line, does not read the rest.
        let feed = async {
            drop(pipe.write_all(text.as_bytes()).await);
            drop(pipe);
        };
        let mut acknowledged = String::new();
        let hear = stdout.read_to_string(&mut acknowledged);
        let ((), ended, heard) = tokio::join!(feed, program::see_end(&mut child, end), hear);
        heard?;
        let said = || std::fs::read_to_string(place.folder.join("enqueue.log")).unwrap_or_default();
        let ended = ended.with_context(|| format!("enqueue {:?}: {}", self.mode, said()))?;
        let told = match ended {
            Ended::Done => Told::Committed,
            Ended::Refused if self.mode == Mode::Bad => Told::RolledBack,
            Ended::Refused => anyhow::bail!("enqueue {:?}: {}", self.mode, said()),
            _ => Told::Nothing,
        };
        let mut ledger = Ledger::new();
        // What was acknowledged before the kill is committed, whatever its writer lived to see.
        let acknowledged: HashSet<&str> = acknowledged.lines().collect();
        for draft in &self.drafts {
            let is_known = acknowledged.contains(draft.id.to_string().as_str());
            draft.note(&mut ledger, if is_known { Told::Committed } else { told });
        }
        Ok((ledger, self.end.map(|_| ended)))
    }
}

impl Application {
    /// Blocks while others write.
    pub(crate) fn run(self, place: &Place) -> anyhow::Result<Ledger> {
        let mut connection = place.open()?;
        let mut ledger = Ledger::new();
        for (position, drafts) in self.transactions.iter().enumerate() {
            let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            for draft in drafts {
                if draft.is_poison {
                    let sql =
                        "INSERT INTO outbox (id, topic, key, headers, payload) VALUES (?1, ?2, ?3, ?4, ?5)";
                    let id: &[u8] = draft.id.as_bytes();
                    tx.execute(sql, (id, draft.topic, &draft.key, POISON, &draft.payload))?;
                } else {
                    sqlite::enqueue(&tx, &draft.message()?)?;
                }
            }
            let told = if position % 2 == 0 {
                tx.commit()?;
                Told::Committed
            } else {
                tx.rollback()?;
                Told::RolledBack
            };
            for draft in drafts {
                draft.note(&mut ledger, told);
            }
        }
        Ok(ledger)
    }
}
