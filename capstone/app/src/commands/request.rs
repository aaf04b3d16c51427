//! `capstone request`: asks, and prints the reply.

use std::io::Write;

use anyhow::{Context, ensure};
use capstone_bus::Topic;
use tokio::time::timeout;

use crate::Exit;
use crate::cli;
use crate::client::Client;
use crate::config::Settings;

/// Runs the command.
///
/// # Errors
/// Nobody is there to reply, or nobody does in time; or the server cannot be reached or refuses the question.
pub async fn run(options: cli::Request, settings: &Settings) -> anyhow::Result<Exit> {
    let topic = Topic::new(options.topic)?;
    let mut client = Client::connect(&options.client).await?;
    let inbox: String = std::iter::repeat_with(fastrand::alphanumeric).take(22).collect();
    let inbox = format!("_INBOX.{inbox}");
    client.subscribe(&inbox, None).await?;
    client.publish(topic.as_str(), &inbox, options.payload.as_bytes()).await?;
    let patience = options.timeout.unwrap_or(settings.bus.request_timeout);
    let reply = timeout(patience, client.next()).await;
    let reply = reply.with_context(|| format!("{topic}: no reply within {patience:?}"))?;
    let reply = reply.with_context(|| format!("request to {topic}"))?;
    ensure!(reply.status.is_none(), "{topic}: nobody is there to reply");
    let mut out = std::io::stdout().lock();
    out.write_all(&reply.payload)?;
    out.write_all(b"\n")?;
    Ok(Exit::Done)
}
