//! Examines a NATS server: whether its streams keep what they acknowledge, and drop what comes twice.

use std::time::Duration;

use async_nats::jetstream::stream::{Config, StorageType};
use futures::{StreamExt, TryStreamExt};
use tokio::time::Instant;

use super::NatsSink;
use super::error::HOW_TO_CREATE;
use crate::config::{RelayConfig, UNKNOWN_MAX};
use crate::doctor::Finding;

/// More than these are not looked at, and more than the first few not named.
const STREAMS_MAX: usize = 1_000;
const NAMED_MAX: usize = 10;

impl NatsSink {
    /// Looks at the server and all its streams, for a relay with these settings. Creates and changes nothing.
    ///
    /// # Cancel safety
    /// It only asks.
    pub async fn examine(&self, config: &RelayConfig) -> Vec<Finding> {
        let asked = Instant::now();
        if let Err(error) = self.jetstream.query_account().await {
            let advice = "start nats-server with -js, and let this account use JetStream";
            return vec![Finding::problem("NATS", error.to_string(), advice)];
        }
        let version = self.client.server_info().version;
        let mut findings =
            vec![Finding::ok("NATS", format!("version {version}; an answer takes {:.1?}", asked.elapsed()))];
        let streams = self.jetstream.streams().take(STREAMS_MAX).map_ok(|info| info.config);
        match streams.try_collect::<Vec<Config>>().await {
            Ok(streams) => findings.extend(examine(&streams, repeat_max(config))),
            Err(error) => {
                let advice = "let this account list streams";
                findings.push(Finding::problem("streams", error.to_string(), advice));
            }
        }
        findings
    }
}

/// How long after a publish without an answer the same message may come again, while relays run: when it is tried again, or when
/// another relay has taken over from one that is stopped.
fn repeat_max(config: &RelayConfig) -> Duration {
    config.publish_timeout + config.lease_ttl.max(config.retry.cap.min(UNKNOWN_MAX))
}

fn examine(streams: &[Config], repeat_max: Duration) -> Vec<Finding> {
    if streams.is_empty() {
        return vec![Finding::problem("streams", "there is none: nothing is stored", HOW_TO_CREATE)];
    }
    let these = |is_such: &dyn Fn(&Config) -> bool| named(streams.iter().filter(|stream| is_such(stream)));
    let in_memory = these(&|stream| stream.storage == StorageType::Memory);
    let silent = these(&|stream| stream.no_ack);
    let forgetful = these(&|stream| stream.duplicate_window < repeat_max);
    vec![
        Finding::ok(
            "streams",
            format!("{}: topics that none of them takes are not delivered", named(streams.iter())),
        ),
        match in_memory.as_str() {
            "" => Finding::ok("storage", "all streams are in files"),
            names => {
                let meaning =
                    format!("in memory: {names}; what was acknowledged is lost when the server ends");
                Finding::problem("storage", meaning, "create these streams again, in files")
            }
        },
        match silent.as_str() {
            "" => Finding::ok("acknowledgement", "all streams send one"),
            names => {
                let meaning = format!("not sent by {names}: a relay tries each message until it gives it up");
                Finding::problem("acknowledgement", meaning, "turn no_ack off for these streams")
            }
        },
        match forgetful.as_str() {
            "" => Finding::ok(
                "duplicate window",
                format!(
                    "at least {repeat_max:?}: a relay that goes on, or is taken over from, leaves no duplicate"
                ),
            ),
            names => {
                let meaning = format!(
                    "too short: {names}; with these settings a message may come again after {repeat_max:?}"
                );
                Finding::warning(
                    "duplicate window",
                    meaning,
                    format!("set duplicate_window to more than {repeat_max:?}"),
                )
            }
        },
        Finding::ok(
            "sync",
            "cannot be seen from here, and an acknowledgement is none: nats-server syncs its files every two minutes unless its \
             sync_interval says otherwise, so a power cut of a server without replicas may take what it had acknowledged",
        ),
    ]
}

fn named<'a>(streams: impl Iterator<Item = &'a Config>) -> String {
    let names: Vec<&str> = streams.map(|stream| stream.name.as_str()).collect();
    let text = names[..names.len().min(NAMED_MAX)].join(", ");
    if names.len() > NAMED_MAX { format!("{text} and {} more", names.len() - NAMED_MAX) } else { text }
}
