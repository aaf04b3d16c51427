//! What a stream keeps: `capstone stream set`, `trim`, `purge` and `delete`.

use std::time::SystemTime;

use anyhow::ensure;
use capstone_outbox::Seq;
use capstone_outbox::stream::{Start, StreamError};

use super::streams;
use crate::Exit;
use crate::cli::{StreamGone, StreamSet, StreamTrim};
use crate::listed::Keeps;

/// Runs `stream set`.
///
/// # Errors
/// The database cannot be reached or has no tables of ours, or there is no such stream.
pub async fn set(options: StreamSet) -> anyhow::Result<Exit> {
    let streams = streams(&options.outbox.db).await?;
    let mut config = streams.get(&options.name).await?.info().await?.config;
    if let Some(age) = options.age_max {
        config = config.age_max(age.0);
    }
    if let Some(count) = options.count_max {
        config = config.count_max(count.0);
    }
    if let Some(bytes) = options.bytes_max {
        config = config.bytes_max(bytes.0);
    }
    let keeps = Keeps::of(&config);
    streams.create(config).await?;
    if options.outbox.json {
        println!("{}", serde_json::to_string(&keeps)?);
    } else {
        eprintln!("{} keeps {keeps}", options.name);
    }
    Ok(Exit::Done)
}

/// Runs `stream trim`.
///
/// # Errors
/// Those of [`set`].
pub async fn trim(StreamTrim { upto, gone }: StreamTrim) -> anyhow::Result<Exit> {
    let stream = streams(&gone.outbox.db).await?.get(&gone.name).await?;
    let below = match (upto.below, upto.older_than) {
        (Some(seq), _) => Seq(seq),
        #[expect(clippy::disallowed_methods, reason = "what a person calls now")]
        (None, age) => stream.locate(Start::Time(SystemTime::now() - age.unwrap_or_default())).await?,
    };
    said(&gone, stream.trim(below).await?)
}

/// Runs `stream purge`.
///
/// # Errors
/// Those of [`set`].
pub async fn purge(gone: StreamGone) -> anyhow::Result<Exit> {
    let stream = streams(&gone.outbox.db).await?.get(&gone.name).await?;
    said(&gone, stream.purge().await?)
}

/// Runs `stream delete`.
///
/// # Errors
/// Those of [`set`].
pub async fn delete(gone: StreamGone) -> anyhow::Result<Exit> {
    let streams = streams(&gone.outbox.db).await?;
    let messages = streams.get(&gone.name).await?.info().await?.messages();
    let is_deleted = streams.delete(&gone.name).await?;
    ensure!(is_deleted, StreamError::NoStream { name: gone.name });
    said(&gone, messages)
}

fn said(gone: &StreamGone, messages: u64) -> anyhow::Result<Exit> {
    if gone.outbox.json {
        println!("{}", serde_json::json!({ "deleted": messages }));
    } else {
        eprintln!("deleted {messages}");
    }
    Ok(Exit::Done)
}
