//! The sinks' other end: what was delivered, and by which of the relay's lives.

mod file;
mod nats;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::bail;
use fastrand::Rng;

use crate::setting::{Setting, SinkKind};
use file::FileTarget;
pub(crate) use nats::NatsTarget;

/// One delivery.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    /// Counts the relay's lives, from 0.
    pub(crate) life: usize,
    pub(crate) id: String,
    pub(crate) key: Option<String>,
    pub(crate) seq: u64,
    pub(crate) crc32: u32,
}

/// Of everything that must arrive byte for byte.
pub(crate) fn checksum(topic: &str, headers: &BTreeMap<String, String>, payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(format!("{topic}\n{headers:?}\n").as_bytes());
    hasher.update(payload);
    hasher.finalize()
}

/// A row's headers for [`checksum`]: any object that is JSON to the database, where only a map of texts is one to us.
pub(crate) fn headers(json: &str) -> BTreeMap<String, String> {
    let whole = || [(String::new(), json.trim().replace(['\n', '\r'], " "))].into();
    serde_json::from_str(json).unwrap_or_else(|_| whole())
}

/// Where the relay publishes to.
pub(crate) enum Destination {
    File(FileTarget),
    Nats(NatsTarget),
}

impl Destination {
    pub(crate) async fn new(setting: &Setting, folder: &Path) -> anyhow::Result<Self> {
        Ok(match setting.sink {
            SinkKind::File => Self::File(FileTarget::new(folder)),
            SinkKind::Nats => Self::Nats(NatsTarget::start(folder, setting.relays > 1).await?),
        })
    }

    /// `--sink`.
    pub(crate) fn sink(&self) -> String {
        match self {
            Self::File(file) => file.sink(),
            Self::Nats(nats) => nats.sink(),
        }
    }

    /// For what only a server can do.
    pub(crate) fn nats(&self) -> anyhow::Result<&NatsTarget> {
        match self {
            Self::File(_) => bail!("this is no nats-server"),
            Self::Nats(nats) => Ok(nats),
        }
    }

    /// While relays live. Kills the server one time in so many, and starts it again.
    pub(crate) async fn trouble(&mut self, random: &mut Rng, rarely: u32) -> anyhow::Result<bool> {
        match self {
            Self::Nats(nats) if random.u32(..rarely) == 0 => {
                let after = random.u64(..150);
                nats.kill_and_start(after).await.map(|()| true)
            }
            _ => Ok(false),
        }
    }

    /// A relay has ended. Now and then half a line is left behind, as by a kill in the middle of a write.
    pub(crate) async fn life_ended(&mut self, random: &mut Rng) -> anyhow::Result<()> {
        match self {
            Self::File(file) => file.life_ended(random.u32(..10) == 0),
            Self::Nats(nats) => nats.life_ended().await,
        }
    }

    pub(crate) async fn deliveries(&self) -> anyhow::Result<Vec<Delivery>> {
        match self {
            Self::File(file) => file.deliveries(),
            Self::Nats(nats) => nats.deliveries().await,
        }
    }
}
