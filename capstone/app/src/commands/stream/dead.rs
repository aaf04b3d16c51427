//! `capstone stream dead`: what consumers gave up, and what becomes of it.

use std::io::{self, Write};

use anyhow::ensure;
use capstone_outbox::stream::{DeadLetter, Letters, Redriven, Stream};
use capstone_outbox::{Seq, json};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::Exit;
use crate::cli::{LettersChoice, StreamDeadChoice, StreamDeadCommand, StreamDeadList};
use crate::table::{cell, table};

/// Runs the command.
///
/// # Errors
/// The database cannot be reached or has no tables of ours; there is no such stream, consumer or dead letter.
pub async fn run(command: StreamDeadCommand) -> anyhow::Result<Exit> {
    let (StreamDeadCommand::List(StreamDeadList { name, outbox, .. })
    | StreamDeadCommand::Redrive(StreamDeadChoice { name, outbox, .. })
    | StreamDeadCommand::Discard(StreamDeadChoice { name, outbox, .. })) = &command;
    let stream = super::streams(&outbox.db).await?.get(name).await?;
    match &command {
        StreamDeadCommand::List(options) => list(&stream, options).await?,
        StreamDeadCommand::Redrive(options) => redrive(&stream, options).await?,
        StreamDeadCommand::Discard(options) => discard(&stream, options).await?,
    }
    Ok(Exit::Done)
}

async fn list(stream: &Stream, options: &StreamDeadList) -> anyhow::Result<()> {
    let limit = options.limit as usize;
    let letters = stream.dead_letters(options.consumer.as_deref(), limit).await?;
    if options.outbox.json {
        return letters.iter().try_for_each(print);
    }
    let rows: Vec<_> = letters.iter().map(row).collect();
    print!("{}", table(["CONSUMER", "SEQ", "TOPIC", "KEY", "DELIVERIES", "REASON"], &rows));
    match letters.len() {
        0 => eprintln!("no dead letters"),
        shown if shown == limit => eprintln!("there may be more: see --limit"),
        _ => {}
    }
    Ok(())
}

fn row(letter: &DeadLetter) -> [String; 6] {
    let DeadLetter { consumer, message, deliveries, reason, .. } = letter;
    [
        consumer.clone(),
        message.seq.to_string(),
        cell(&message.topic),
        cell(message.key.as_deref().unwrap_or("-")),
        deliveries.to_string(),
        cell(reason),
    ]
}

async fn redrive(stream: &Stream, options: &StreamDeadChoice) -> anyhow::Result<()> {
    let StreamDeadChoice { consumer, letters, outbox, .. } = options;
    let redriven = stream.redrive(consumer, chosen(*letters)).await?;
    let Redriven { again, gone, ahead, .. } = redriven;
    ensure!(letters.all || redriven != Redriven::default(), missing(options));
    if outbox.json {
        println!("{}", serde_json::json!({ "redriven": again, "gone": gone, "ahead": ahead }));
        return Ok(());
    }
    eprintln!("redriven {again}");
    if gone > 0 {
        eprintln!("{gone} stay dead letters: retention has taken their messages from the stream");
    }
    if ahead > 0 {
        eprintln!(
            "{ahead} stay dead letters: {consumer} has begun anew, and comes to their messages by itself"
        );
    }
    Ok(())
}

async fn discard(stream: &Stream, options: &StreamDeadChoice) -> anyhow::Result<()> {
    let StreamDeadChoice { consumer, letters, outbox, .. } = options;
    let discarded = stream.discard(consumer, chosen(*letters)).await?;
    ensure!(letters.all || discarded > 0, missing(options));
    if outbox.json {
        println!("{}", serde_json::json!({ "discarded": discarded }));
    } else {
        eprintln!("discarded {discarded}");
    }
    Ok(())
}

fn chosen(letters: LettersChoice) -> Letters {
    letters.seq.map_or(Letters::All, |seq| Letters::At(Seq(seq)))
}

/// A number that is not there is a mistake; a consumer without dead letters is none.
fn missing(StreamDeadChoice { name, consumer, letters, .. }: &StreamDeadChoice) -> String {
    let seq = letters.seq.unwrap_or_default();
    format!(
        "{consumer} has no dead letter with the number {seq}: `capstone stream dead list {name} {consumer}` shows them"
    )
}

#[derive(Serialize)]
struct Line<'a> {
    message: &'a RawValue,
    consumer: &'a str,
    deliveries: u32,
    reason: &'a str,
}

/// One object, the message in it as everywhere.
fn print(letter: &DeadLetter) -> anyhow::Result<()> {
    let DeadLetter { consumer, message, deliveries, reason, .. } = letter;
    let mut line = Vec::new();
    json::write(message, &mut line)?;
    let message = serde_json::from_slice(&line)?;
    let line = serde_json::to_string(&Line { message, consumer, deliveries: *deliveries, reason })?;
    Ok(writeln!(io::stdout(), "{line}")?)
}
