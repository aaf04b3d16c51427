//! What an examination finds, and what to do about it. It repairs nothing.
//!
//! Each store examines itself, also where opening it would be refused: `SqliteStore::examine`, `Target::examine`;
//! a NATS server is examined by `NatsSink::examine`.

#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod growth;

use std::fmt;

#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) use growth::{Growth, Unbounded};

#[cfg(any(feature = "sqlite", feature = "postgres"))]
use crate::operations::Pause;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
use crate::store::Status;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
use crate::tables::Tables;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// As it should be.
    Ok,
    /// It works, and may hurt one day.
    Warning,
    /// Messages can be lost, or do not move.
    Problem,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        })
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// What was looked at, in a few words.
    pub check: &'static str,
    /// How bad it is.
    pub level: Level,
    /// What was found, and what it means.
    pub meaning: String,
    /// What to do; nothing if it is as it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

impl Finding {
    /// As it should be.
    pub fn ok(check: &'static str, meaning: impl Into<String>) -> Self {
        Self { check, level: Level::Ok, meaning: meaning.into(), advice: None }
    }

    /// It works, and may hurt one day.
    pub fn warning(check: &'static str, meaning: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, level: Level::Warning, meaning: meaning.into(), advice: Some(advice.into()) }
    }

    /// Messages can be lost, or do not move.
    pub fn problem(check: &'static str, meaning: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { check, level: Level::Problem, meaning: meaning.into(), advice: Some(advice.into()) }
    }
}

/// What the outbox holds, whatever keeps it.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
#[derive(Clone, Debug, Default)]
pub(crate) struct Load {
    /// Rows that wait in lanes without a living owner.
    pub(crate) unowned: u64,
    /// Age of the oldest row that waits and is not held.
    pub(crate) oldest_ms: Option<u64>,
    pub(crate) paused: Option<Pause>,
    pub(crate) parked: u64,
    pub(crate) dead: u64,
    /// Rows whose publishing began before a process ended.
    pub(crate) started: u64,
    /// Relays that hold lanes, and are dead or about to lose them.
    pub(crate) late: u64,
    /// Relays that are alive, and do not look at lanes of theirs where rows wait.
    pub(crate) unread_by: Vec<String>,
}

/// A relay sees at once what is committed, or within a second, so what is older waits for something.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
const OLD_MS: u64 = 60_000;

/// A relay whose lease ends sooner has missed several renewals, with the default settings.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) const LATE_MS: i64 = 2_000;

#[cfg(any(feature = "sqlite", feature = "postgres"))]
impl Load {
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let Self { unowned, parked, dead, started, late, unread_by, .. } = self;
        let unless =
            |is_bad: bool, check, fine, bad: Finding| if is_bad { bad } else { Finding::ok(check, fine) };
        let oldest_ms = self.oldest_ms.unwrap_or(0);
        let (by, minutes) = self.paused.as_ref().map_or(("", 0), |pause| (&pause.by, pause.for_ms / 60_000));
        vec![
            unless(
                *unowned > 0,
                "relay",
                "no message waits where no relay looks",
                Finding::problem(
                    "relay",
                    format!("{}: no relay looks where they wait", counted(*unowned, "message")),
                    "start `capstone relay`, or see why it has stopped",
                ),
            ),
            unless(
                self.paused.is_some(),
                "pause",
                "the outbox is not paused",
                Finding::warning(
                    "pause",
                    format!("paused by {by} for {minutes} min: nothing is published"),
                    "`capstone resume` ends it",
                ),
            ),
            unless(
                oldest_ms >= OLD_MS,
                "oldest message",
                "none has waited for a minute",
                Finding::warning(
                    "oldest message",
                    format!("has waited for {} s: delivery is behind", oldest_ms / 1_000),
                    "see what the relay logs about its sink, and whether it keeps up with what is enqueued",
                ),
            ),
            unless(
                *parked > 0,
                "parked keys",
                "there are none",
                Finding::warning(
                    "parked keys",
                    format!("{}: its messages wait behind one that failed for good", counted(*parked, "key")),
                    "`capstone keys list` shows the errors; mend the cause, then `capstone keys retry`",
                ),
            ),
            unless(
                *dead > 0,
                "dead letters",
                "there are none",
                Finding::warning(
                    "dead letters",
                    format!("{} given up, of which consumers do not know", counted(*dead, "message")),
                    "`capstone dead list` shows the errors; mend the cause, then `capstone dead requeue`",
                ),
            ),
            unless(
                *started > 0,
                "crash-poison",
                "no message is suspected of ending the process that publishes it",
                Finding::warning(
                    "crash-poison",
                    format!(
                        "{} just being published when a relay's process ended",
                        counted(*started, "message")
                    ),
                    "see why it ended; a message that alone ends three is given up",
                ),
            ),
            unless(
                *late > 0,
                "leases",
                "every relay that holds lanes is alive and renews its lease",
                Finding::warning(
                    "leases",
                    format!("{} with lanes, dead or without a renewal for seconds", counted(*late, "relay")),
                    "see whether the process is stopped, or starved of CPU or connections; another relay takes over",
                ),
            ),
            unless(
                !unread_by.is_empty(),
                "reading",
                "every relay looks at its lanes",
                Finding::problem(
                    "reading",
                    format!(
                        "alive, with room, and has not looked for half a minute where messages wait: {}",
                        unread_by.join(", ")
                    ),
                    "end that process, and another relay takes over; a sink that blocks its thread brings this about",
                ),
            ),
        ]
    }
}

#[cfg(any(feature = "sqlite", feature = "postgres"))]
fn counted(count: u64, what: &str) -> String {
    if count > Status::COUNTED_MAX {
        return format!("more than {} {what}s", Status::COUNTED_MAX);
    }
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// How long it took to ask and be answered.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) fn round_trip(took: std::time::Duration, slow: std::time::Duration) -> Finding {
    let meaning = format!("an answer takes {took:.1?}");
    if took < slow {
        return Finding::ok("reachable", meaning);
    }
    let meaning = format!("{meaning}, and each batch of messages waits for several");
    Finding::warning("reachable", meaning, "run the relay near the database, and see what keeps it busy")
}

/// Whether this program, which works with the version `known`, can use the tables.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) fn fit(found: Option<&Tables>, known: usize, migrate: String) -> Finding {
    match found {
        None => Finding::problem("tables", "there are none of ours", migrate),
        Some(Tables::Current) => Finding::ok("tables", format!("version {known}, as they are to be")),
        Some(Tables::Newer(version)) => {
            Finding::ok("tables", format!("version {version}, which a program that knows {known} may use"))
        }
        Some(Tables::Older(version)) => {
            let meaning = format!("version {version}, and this program works with {known} only");
            Finding::problem("tables", meaning, migrate)
        }
        Some(Tables::Unknown(version)) => {
            let meaning = format!("version {version}, and this program knows {known}");
            Finding::problem("tables", meaning, "use the newer program that has made them")
        }
    }
}

/// The examination cannot go on: at its very beginning, or after some findings.
#[cfg(any(feature = "sqlite", feature = "postgres"))]
pub(crate) fn ended(findings: &[Finding], reason: impl fmt::Display) -> Finding {
    if findings.is_empty() {
        let advice = "see that the address is right, that the database is there, and that this user may read and write it";
        return Finding::problem("reachable", reason.to_string(), advice);
    }
    let advice = "mend what is found above, then look again";
    Finding::problem("examination", format!("cannot go on: {reason}"), advice)
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn an_answer_that_takes_long_is_a_warning() {
        let ms = Duration::from_millis;
        assert_eq!(round_trip(ms(4), ms(5)).level, Level::Ok);
        let slow = round_trip(ms(5), ms(5));
        assert_eq!(slow.level, Level::Warning);
        assert!(slow.meaning.starts_with("an answer takes 5.0ms, and"), "{}", slow.meaning);
    }

    #[test]
    fn an_outbox_at_rest_is_ok_and_each_trouble_is_told() {
        let is_ok = |load: &Load| load.findings().iter().all(|finding| finding.level == Level::Ok);
        assert!(is_ok(&Load { oldest_ms: Some(OLD_MS - 1), ..Load::default() }));
        let bad = Load {
            unowned: 1,
            oldest_ms: Some(OLD_MS),
            paused: Some(Pause { by: "anna".into(), for_ms: 120_000 }),
            parked: 2,
            dead: 3,
            started: 4,
            late: 5,
            unread_by: vec!["pid 6".into()],
        };
        for finding in bad.findings() {
            let is_worst = ["relay", "reading"].contains(&finding.check);
            let worst = if is_worst { Level::Problem } else { Level::Warning };
            assert_eq!((finding.level, finding.advice.is_some()), (worst, true), "{}", finding.check);
        }
    }
}
