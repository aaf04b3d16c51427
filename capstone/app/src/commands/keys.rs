//! `capstone keys`: what is in trouble, and what becomes of it.

use std::io::{self, Write};
use std::time::Duration;

use capstone_outbox::Seq;
use capstone_outbox::message::Ident;
use capstone_outbox::operations::{Answer, CommandId, HELD_MAX, Operations, Recorded, Troubled, Verb};
#[cfg(feature = "postgres")]
use capstone_outbox::postgres::PostgresStore;
use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::store::Status;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::Exit;
use crate::cli::{KeyChoice, KeyDiscard, KeyRetry, KeysCommand, KeysList};
use crate::database::Database;
use crate::table::{cell, span, table};

/// Keys that are read at once.
const PAGE: usize = 1_000;

/// How often the answer is looked for.
const LOOK: Duration = Duration::from_millis(50);

/// Runs the command.
///
/// # Errors
/// The database is missing or has no tables of ours, the key is not in trouble, or the relay has refused.
pub async fn run(command: KeysCommand) -> anyhow::Result<Exit> {
    let (KeysCommand::List(KeysList { outbox, .. })
    | KeysCommand::Retry(KeyRetry { choice: KeyChoice { outbox, .. }, .. })
    | KeysCommand::Skip(KeyChoice { outbox, .. })
    | KeysCommand::Discard(KeyDiscard { choice: KeyChoice { outbox, .. }, .. })) = &command;
    match &outbox.db {
        Database::Sqlite(path) => {
            let store = SqliteStore::open_existing(path)?;
            let status = store.status().await?;
            act(&store, &status, &command).await
        }
        #[cfg(feature = "postgres")]
        Database::Postgres(target) => {
            let store = PostgresStore::connect(target).await?;
            let status = store.status().await?;
            act(&store, &status, &command).await
        }
    }
}

async fn act(store: &impl Operations, status: &Status, command: &KeysCommand) -> anyhow::Result<Exit> {
    let (verb, choice) = match command {
        KeysCommand::List(options) => return list(store, options).await,
        KeysCommand::Retry(KeyRetry { parked: true, choice }) => {
            return retry_parked(store, status, choice).await;
        }
        KeysCommand::Retry(KeyRetry { parked: false, choice }) => (Verb::Retry, choice),
        KeysCommand::Skip(choice) => (Verb::Skip, choice),
        KeysCommand::Discard(KeyDiscard { all: false, choice }) => (Verb::Discard, choice),
        KeysCommand::Discard(KeyDiscard { all: true, choice }) => (Verb::Clear, choice),
    };
    let ident = match (&choice.key, choice.row) {
        (Some(key), _) => Ident::Key(key.as_str().into()),
        (None, row) => Ident::Row(Seq(row.unwrap_or_default())),
    };
    let id = match store.command(&ident, verb, &choice.by).await? {
        Recorded::Waits(id) => id,
        Recorded::NoTrouble => {
            anyhow::bail!("{ident} is not in trouble: `capstone keys list` shows those that are")
        }
        Recorded::Behind(other) => {
            anyhow::bail!("{ident} has a command that waits for a relay: {}; it comes first", named(other))
        }
    };
    let outcome = wait(store, status, choice, &[id]).await?;
    if let Outcome::Answered(answers) = &outcome
        && let [Answer::Refused(why)] = answers.as_slice()
    {
        anyhow::bail!("{}: {why}", named(verb));
    }
    Ok(tell(choice, verb, &ident.to_string(), object(&ident), &outcome))
}

/// What is not in trouble any more when its turn comes needs no retry.
async fn retry_parked(store: &impl Operations, status: &Status, choice: &KeyChoice) -> anyhow::Result<Exit> {
    let (mut ids, mut behind) = (Vec::new(), None);
    loop {
        let page = store.troubled(behind.as_ref(), PAGE).await?;
        for key in page.iter().filter(|key| key.retry_in_ms.is_none()) {
            if let Recorded::Waits(id) = store.command(&key.ident, Verb::Retry, &choice.by).await? {
                ids.push(id);
            }
        }
        match page.into_iter().next_back() {
            Some(last) => behind = Some(last.ident),
            None => break,
        }
    }
    if ids.is_empty() {
        say!("no key is parked");
        return Ok(Exit::Done);
    }
    let outcome = wait(store, status, choice, &ids).await?;
    Ok(tell(choice, Verb::Retry, &format!("{} parked", ids.len()), json!({ "parked": ids.len() }), &outcome))
}

/// What became of commands by the end of the wait.
enum Outcome {
    Answered(Vec<Answer>),
    /// They stay recorded: why.
    Recorded(String),
}

async fn wait(
    store: &impl Operations,
    status: &Status,
    choice: &KeyChoice,
    ids: &[CommandId],
) -> anyhow::Result<Outcome> {
    if status.relays.is_empty() {
        return Ok(Outcome::Recorded("no relay is running: it is done when one starts".into()));
    }
    let until = Instant::now() + choice.wait;
    let mut answers = Vec::with_capacity(ids.len());
    for id in ids {
        let Some(answer) = answered(store, *id, until).await? else {
            return Ok(Outcome::Recorded(format!("not done within {:?}: it stays recorded", choice.wait)));
        };
        answers.push(answer);
    }
    Ok(Outcome::Answered(answers))
}

fn tell(choice: &KeyChoice, verb: Verb, what: &str, mut line: Value, outcome: &Outcome) -> Exit {
    let (outcome, words, exit) = match outcome {
        Outcome::Answered(_) => ("done", "done", Exit::Done),
        Outcome::Recorded(why) => ("recorded", why.as_str(), Exit::WorkLeft),
    };
    if choice.outbox.json {
        line["command"] = named(verb).into();
        line["outcome"] = outcome.into();
        println!("{line}");
    } else {
        say!("{} {what}: {words}", named(verb));
    }
    exit
}

async fn answered(store: &impl Operations, id: CommandId, until: Instant) -> anyhow::Result<Option<Answer>> {
    loop {
        let answer = store.answer(id).await?;
        if answer.is_some() || Instant::now() >= until {
            return Ok(answer);
        }
        sleep(LOOK).await;
    }
}

/// As it is written on the command line.
fn named(verb: Verb) -> &'static str {
    match verb {
        Verb::Retry => "retry",
        Verb::Skip => "skip",
        Verb::Discard => "discard",
        Verb::Clear => "discard --all",
    }
}

async fn list(store: &impl Operations, options: &KeysList) -> anyhow::Result<Exit> {
    let behind = options.behind.as_deref().map(|key| Ident::Key(key.into()));
    let troubled = store.troubled(behind.as_ref(), options.limit as usize).await?;
    if options.outbox.json {
        for key in &troubled {
            writeln!(io::stdout(), "{}", line(key))?;
        }
        return Ok(Exit::Done);
    }
    let rows: Vec<_> = troubled.iter().map(row).collect();
    print!("{}", table(["KEY", "STATE", "ATTEMPTS", "HEAD", "HELD", "SINCE", "COMMAND", "ERROR"], &rows));
    if troubled.is_empty() {
        say!("no key is in trouble");
    }
    Ok(Exit::Done)
}

fn row(key: &Troubled) -> [String; 8] {
    let Troubled { ident, retry_in_ms, attempts, head, held, error, since_ms, command, .. } = key;
    [
        match ident {
            Ident::Key(key) => cell(key),
            Ident::Row(row) => format!("--row {row}"),
        },
        retry_in_ms.map_or_else(|| "parked".into(), |ms| format!("retry in {}", span(ms))),
        attempts.to_string(),
        head.to_string(),
        if *held < HELD_MAX { held.to_string() } else { format!("{held} or more") },
        span(*since_ms),
        command.map_or("-", named).to_owned(),
        cell(error),
    ]
}

fn line(key: &Troubled) -> Value {
    let mut line = object(&key.ident);
    let fields = json!({
        "state": if key.retry_in_ms.is_some() { "retrying" } else { "parked" },
        "retry_in_ms": key.retry_in_ms,
        "attempts": key.attempts,
        "head": key.head.0,
        "held": key.held,
        "since_ms": key.since_ms,
        "command": key.command.map(named),
        "error": key.error,
    });
    if let (Some(line), Value::Object(fields)) = (line.as_object_mut(), fields) {
        line.extend(fields);
    }
    line
}

fn object(ident: &Ident) -> Value {
    match ident {
        Ident::Key(key) => json!({ "key": **key }),
        Ident::Row(row) => json!({ "row": row.0 }),
    }
}
