//! [`Snapshot`]: all that the page shows, as `/status.json` has it.

use capstone_bus::Stats;
use capstone_bus::wire::ListenerStats;
use capstone_outbox::relay::Progress;
use capstone_outbox::store::Status;
use serde::Serialize;

use crate::listed::Listed;

/// The program at one moment.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Snapshot {
    pub(super) version: &'static str,
    pub(super) uptime_s: u64,
    /// Why the database cannot be read; what is shown of it then is missing.
    pub(super) problem: Option<String>,
    /// Missing where no database is served.
    pub(super) outbox: Option<Status>,
    pub(super) relay: Option<Relayed>,
    pub(super) streams: Vec<Listed>,
    pub(super) bus: BusCounts,
    pub(super) listener: ListenerCounts,
}

/// What the relay of this process has done since its start.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Relayed {
    pub(super) published: u64,
    pub(super) failed: u64,
}

/// What the bus has counted since its start.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct BusCounts {
    pub(super) published: u64,
    pub(super) unmatched: u64,
    pub(super) delivered: u64,
    pub(super) filtered: u64,
    pub(super) dropped: u64,
    pub(super) subscriptions: usize,
}

/// The listener's connections: open now, and counted since its start.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct ListenerCounts {
    pub(super) open: usize,
    pub(super) accepted: u64,
    pub(super) refused: u64,
    pub(super) unauthorised: u64,
    pub(super) slow: u64,
    pub(super) stale: u64,
    pub(super) faulty: u64,
}

impl From<&Progress> for Relayed {
    fn from(progress: &Progress) -> Self {
        Self { published: progress.published(), failed: progress.failed() }
    }
}

impl From<Stats> for BusCounts {
    fn from(stats: Stats) -> Self {
        let Stats { published, unmatched, delivered, filtered, dropped, active, .. } = stats;
        Self { published, unmatched, delivered, filtered, dropped, subscriptions: active }
    }
}

impl From<ListenerStats> for ListenerCounts {
    fn from(stats: ListenerStats) -> Self {
        let ListenerStats { open, accepted, refused, unauthorised, slow, stale, faulty, .. } = stats;
        Self { open, accepted, refused, unauthorised, slow, stale, faulty }
    }
}
