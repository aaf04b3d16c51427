//! `capstone publish`: one message, and the server has it when this ends.

use anyhow::Context;
use capstone_bus::Topic;

use crate::Exit;
use crate::cli;
use crate::client::Client;

/// Runs the command.
///
/// # Errors
/// The topic is none, or the server cannot be reached or refuses the message.
pub async fn run(options: cli::Publish) -> anyhow::Result<Exit> {
    let topic = Topic::new(options.topic)?;
    let mut client = Client::connect(&options.client).await?;
    client.publish(topic.as_str(), "", options.payload.as_bytes()).await?;
    client.settle().await.with_context(|| format!("publish to {topic}"))?;
    Ok(Exit::Done)
}
