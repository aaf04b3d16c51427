//! The sink for a server of NATS: who the relay says that it is there, and the stream that it makes.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use capstone_outbox::sink::{NatsOptions, NatsSink};

use crate::cli::{self, NewStream};
use crate::config::Settings;
use crate::server::Token;

pub(super) async fn prepare(
    address: &str,
    options: &cli::Relay,
    settings: &Settings,
) -> anyhow::Result<NatsSink> {
    let sink = connect(address, options.nats_creds.as_deref(), settings).await?;
    match &options.create_stream {
        Some(NewStream { name, subjects }) => sink.create_stream(name, subjects.clone()).await?,
        None => sink.check_streams().await?,
    }
    Ok(sink)
}

/// To `HOST:PORT` or `tls://HOST:PORT`, as whom the file, the environment and the settings say.
pub(in crate::commands) async fn connect(
    address: &str,
    credentials: Option<&Path>,
    settings: &Settings,
) -> anyhow::Result<NatsSink> {
    let options = who(credentials, settings).await?.name("capstone relay");
    let options = match &settings.sink.ca {
        Some(roots) => options.add_root_certificates(roots.into()),
        None => options,
    };
    Ok(NatsSink::connect_with(address, options).await?)
}

/// A token is for `serve` and its clients too: it is what is left when nothing was said of NATS alone.
async fn who(credentials: Option<&Path>, settings: &Settings) -> anyhow::Result<NatsOptions> {
    let nats = &settings.nats;
    let (key, user) = (nats.nkey_file.as_deref(), nats.user.as_deref());
    let given: Vec<&str> = [
        (credentials.is_some(), "nats.credentials"),
        (key.is_some(), "nats.nkey_file"),
        (user.is_some(), "nats.user"),
    ]
    .into_iter()
    .filter_map(|(is_given, name)| is_given.then_some(name))
    .collect();
    ensure!(given.len() < 2, "{}: give only one of them", given.join(" and "));
    ensure!(user.is_some() == nats.password.is_some(), "nats.user and nats.password: give both, or none");
    if let Some(file) = credentials {
        let options = NatsOptions::with_credentials_file(file).await;
        return options.with_context(|| format!("nats.credentials: {}", file.display()));
    }
    if let Some(file) = key {
        return seed(file).map(NatsOptions::with_nkey).with_context(|| format!("nats.nkey_file: {file}"));
    }
    if let Some((user, password)) = user.zip(nats.password.as_ref()) {
        return Ok(NatsOptions::with_user_and_password(user.to_owned(), password.reveal().to_owned()));
    }
    Ok(match std::env::var("CAPSTONE_TOKEN") {
        Ok(token) => {
            let token: Token = token.parse().map_err(anyhow::Error::msg).context("CAPSTONE_TOKEN")?;
            NatsOptions::with_token(token.reveal().to_owned())
        }
        Err(_) => NatsOptions::new(),
    })
}

/// The seed alone, or between the lines that `nsc` and `nk` write around it.
fn seed(file: &str) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file)?;
    match text.lines().map(str::trim).find(|line| line.starts_with("SU")) {
        Some(seed) => Ok(seed.to_owned()),
        None => bail!("no line of it is the seed of a user, which begins with SU"),
    }
}
