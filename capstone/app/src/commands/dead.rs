//! `capstone dead`: what was given up, and what becomes of it.

use std::io::{self, Write};

use capstone_outbox::operations::{DeadLetter, Filter, Operations, Page, Sort};
#[cfg(feature = "postgres")]
use capstone_outbox::postgres::PostgresStore;
use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::{MessageId, Seq, json};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::cli::{DeadChoice, DeadCommand, DeadList, DeadShow};
use crate::database::Database;
use crate::table::{cell, span, table};
use crate::{Exit, progress};

/// Runs the command.
///
/// # Errors
/// The database is missing or has no tables of ours, or no dead letter has the id.
pub async fn run(command: DeadCommand) -> anyhow::Result<Exit> {
    let (DeadCommand::List(DeadList { outbox, .. })
    | DeadCommand::Show(DeadShow { outbox, .. })
    | DeadCommand::Requeue(DeadChoice { outbox, .. })
    | DeadCommand::Discard(DeadChoice { outbox, .. })) = &command;
    match &outbox.db {
        Database::Sqlite(path) => act(&SqliteStore::open_existing(path)?, &command).await,
        #[cfg(feature = "postgres")]
        Database::Postgres(target) => act(&PostgresStore::connect(target).await?, &command).await,
    }
}

async fn act(store: &impl Operations, command: &DeadCommand) -> anyhow::Result<Exit> {
    match command {
        DeadCommand::List(options) => list(store, options).await?,
        DeadCommand::Show(options) => show(store, options).await?,
        DeadCommand::Requeue(options) => requeue(store, options).await?,
        DeadCommand::Discard(options) => discard(store, options).await?,
    }
    Ok(Exit::Done)
}

async fn list(store: &impl Operations, options: &DeadList) -> anyhow::Result<()> {
    let mut filter = Filter::ALL;
    (filter.topic, filter.key) = (options.topic.clone(), options.key.clone());
    let sort = if options.oldest { Sort::Oldest } else { Sort::Newest };
    let limit = options.limit as usize;
    let mut page = Page::first(sort, limit);
    page.behind = options.behind.map(Seq);
    let letters = store.dead_letters(&filter, page).await?;
    if options.outbox.json {
        return letters.iter().try_for_each(print);
    }
    let rows: Vec<_> = letters.iter().map(row).collect();
    let titles = ["ID", "SEQ", "TOPIC", "KEY", "ATTEMPTS", "DEAD FOR", "ERROR"];
    print!("{}", table(titles, &rows));
    match letters.last() {
        None => eprintln!("no dead letters"),
        Some(last) if letters.len() == limit => {
            eprintln!("there may be more: --behind {}", last.envelope.seq)
        }
        Some(_) => {}
    }
    Ok(())
}

fn row(letter: &DeadLetter) -> [String; 7] {
    let DeadLetter { envelope, attempts, error, dead_for_ms, .. } = letter;
    [
        envelope.id.to_string(),
        envelope.seq.to_string(),
        cell(&envelope.topic),
        cell(envelope.key.as_deref().unwrap_or("-")),
        attempts.to_string(),
        span(*dead_for_ms),
        cell(error),
    ]
}

async fn show(store: &impl Operations, options: &DeadShow) -> anyhow::Result<()> {
    let letter = find(store, options.id).await?;
    if options.outbox.json {
        return print(&letter);
    }
    let DeadLetter { envelope, attempts, error, age_ms, dead_for_ms, .. } = &letter;
    println!("id        {}\ntopic     {}", envelope.id, cell(&envelope.topic));
    println!("key       {}", cell(envelope.key.as_deref().unwrap_or("-")));
    println!("seq       {}\nenqueued  {} ago", envelope.seq, span(*age_ms));
    println!("dead for  {}\nattempts  {attempts}\nerror     {}", span(*dead_for_ms), error.escape_debug());
    println!("headers   {}", envelope.headers_json.escape_default());
    println!("payload   {}", String::from_utf8_lossy(&envelope.payload).escape_debug());
    Ok(())
}

async fn requeue(store: &impl Operations, options: &DeadChoice) -> anyhow::Result<()> {
    let filter = chosen(store, options).await?;
    let bar = progress::counter("requeued");
    let requeued = store.requeue_telling(&filter, &|done| bar.set_position(done)).await;
    bar.finish_and_clear();
    let requeued = requeued?;
    let pending: Vec<String> = requeued.pending.iter().map(MessageId::to_string).collect();
    if options.outbox.json {
        println!("{}", serde_json::json!({ "requeued": requeued.count, "pending": pending }));
    } else if pending.is_empty() {
        eprintln!("requeued {}", requeued.count);
    } else {
        let pending = pending.join(", ");
        eprintln!(
            "requeued {}; messages with these ids wait already, so they stay: {pending}",
            requeued.count
        );
    }
    Ok(())
}

async fn discard(store: &impl Operations, options: &DeadChoice) -> anyhow::Result<()> {
    let filter = chosen(store, options).await?;
    let bar = progress::counter("discarded");
    let discarded = store.discard_telling(&filter, &|done| bar.set_position(done)).await;
    bar.finish_and_clear();
    let discarded = discarded?;
    if options.outbox.json {
        println!("{}", serde_json::json!({ "discarded": discarded }));
    } else {
        eprintln!("discarded {discarded}");
    }
    Ok(())
}

/// An id that is not there is a mistake; a topic or a key without dead letters is none.
async fn chosen(store: &impl Operations, options: &DeadChoice) -> anyhow::Result<Filter> {
    if let Some(id) = options.id {
        find(store, id).await?;
    }
    let mut filter = Filter::ALL;
    (filter.id, filter.topic, filter.key) = (options.id, options.topic.clone(), options.key.clone());
    Ok(filter)
}

async fn find(store: &impl Operations, id: MessageId) -> anyhow::Result<DeadLetter> {
    let page = Page::first(Sort::Oldest, 1);
    let letters = store.dead_letters(&Filter::ALL.id(id), page).await?;
    let missing =
        || anyhow::anyhow!("no dead letter has the id {id}: `capstone dead list` shows those that there are");
    letters.into_iter().next().ok_or_else(missing)
}

#[derive(Serialize)]
struct Line<'a> {
    message: &'a RawValue,
    attempts: u32,
    error: &'a str,
    age_ms: u64,
    dead_for_ms: u64,
}

/// One object, the message in it as everywhere.
fn print(letter: &DeadLetter) -> anyhow::Result<()> {
    let DeadLetter { envelope, attempts, error, age_ms, dead_for_ms, .. } = letter;
    let mut message = Vec::new();
    json::write(envelope, &mut message)?;
    let (attempts, age_ms, dead_for_ms) = (*attempts, *age_ms, *dead_for_ms);
    let message = serde_json::from_slice(&message)?;
    let line = serde_json::to_string(&Line { message, attempts, error, age_ms, dead_for_ms })?;
    Ok(writeln!(io::stdout(), "{line}")?)
}
