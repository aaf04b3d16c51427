//! `capstone serve`: a bus that NATS clients can connect to, until it is stopped.

use anyhow::Context;
use capstone_bus::Bus;
use capstone_bus::wire::{ListenError, Listener};

use crate::cli;
use crate::{Exit, stop};

/// Runs the command.
///
/// # Errors
/// The address cannot be listened on, or needs a token.
pub async fn run(options: cli::Serve) -> anyhow::Result<Exit> {
    let bus = Bus::new();
    let mut builder = Listener::builder(&bus);
    if let Some(token) = &options.token {
        builder = builder.token(token.reveal());
    }
    let listener = match builder.bind(options.listen).await {
        Err(error @ ListenError::Open(_)) => return Err(error).context("set CAPSTONE_TOKEN"),
        listener => listener.with_context(|| options.listen.to_string())?,
    };
    let stop = stop::on_signals()?;
    let monitor = listener.monitor();
    eprintln!("listening on nats://{}", listener.local_addr());
    let report = listener.run(stop.cancelled()).await;
    bus.close();
    eprintln!("served {} connections", monitor.stats().accepted);
    Ok(if report.cut_off == 0 { Exit::Done } else { Exit::WorkLeft })
}
