//! Places at which a test may end the process, as a kill at that very instant would.
//!
//! Without the feature `failpoints` passing one is no instruction at all. With it, `CAPSTONE_FAILPOINT=settle_deleted:3`
//! aborts the process when it passes that place for the third time: nothing is flushed, dropped or given back. With
//! `settle_deleted:3:freeze` the process stops there (`SIGSTOP`) until somebody lets it go on.
//! `CAPSTONE_POISON=TOPIC` aborts it whenever a message of that topic is published.

/// A place where being killed is dangerous.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Point {
    /// A row was inserted, its transaction is open.
    Enqueued,
    /// A shared transaction has begun.
    GroupBegun,
    /// All of a group has run, nothing is committed.
    GroupBeforeCommit,
    /// A group is committed, nobody has been told.
    GroupCommitted,
    /// The lease is in the database, the relay does not know yet.
    LeaseTaken,
    /// The lease was renewed.
    LeaseRenewed,
    /// Before the lane is given back.
    LeaseBeforeRelease,
    /// The lane was given back.
    LeaseReleased,
    /// Before rows are read.
    BeforeFetch,
    /// Rows were read, the core does not know them yet.
    Fetched,
    /// Before the sink is called for a message.
    BeforePublish,
    /// The sink has taken a message, the core does not know yet.
    Published,
    /// Before a flush is handed to the store.
    BeforeSettle,
    /// Inside a flush: published rows are deleted, the rest is not written.
    SettleDeleted,
    /// Inside a flush: a key in trouble is remembered, its rows are still hot.
    SettleHeld,
    /// Inside a flush: a message is among the dead letters and in the outbox.
    SettleBuried,
    /// A flush is committed, its permits are not back.
    Settled,
    /// Before the file sink writes.
    FileBeforeWrite,
    /// A batch is written in part.
    FileTorn,
    /// A batch is written, not synced.
    FileWritten,
    /// A batch is synced, nobody has been told.
    FileSynced,
    /// A message is on its way to JetStream, its acknowledgement is not here.
    NatsSent,
    /// JetStream has acknowledged a message.
    NatsAcknowledged,
}

impl Point {
    /// All of them, with their names.
    pub const ALL: [(Self, &str); 23] = [
        (Self::Enqueued, "enqueued"),
        (Self::GroupBegun, "group_begun"),
        (Self::GroupBeforeCommit, "group_before_commit"),
        (Self::GroupCommitted, "group_committed"),
        (Self::LeaseTaken, "lease_taken"),
        (Self::LeaseRenewed, "lease_renewed"),
        (Self::LeaseBeforeRelease, "lease_before_release"),
        (Self::LeaseReleased, "lease_released"),
        (Self::BeforeFetch, "before_fetch"),
        (Self::Fetched, "fetched"),
        (Self::BeforePublish, "before_publish"),
        (Self::Published, "published"),
        (Self::BeforeSettle, "before_settle"),
        (Self::SettleDeleted, "settle_deleted"),
        (Self::SettleHeld, "settle_held"),
        (Self::SettleBuried, "settle_buried"),
        (Self::Settled, "settled"),
        (Self::FileBeforeWrite, "file_before_write"),
        (Self::FileTorn, "file_torn"),
        (Self::FileWritten, "file_written"),
        (Self::FileSynced, "file_synced"),
        (Self::NatsSent, "nats_sent"),
        (Self::NatsAcknowledged, "nats_acknowledged"),
    ];
}

/// Ends the process if this is the passing that was asked for.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn pass(_place: Point) {}

/// Ends the process if publishing to this topic is to do so.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn taste(_topic: &str) {}

#[cfg(feature = "failpoints")]
pub(crate) use armed::{pass, taste};

#[cfg(feature = "failpoints")]
mod armed {
    use std::sync::LazyLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::Point;

    struct Armed {
        point: Point,
        /// Passings up to the one that ends the process.
        left: AtomicU64,
        deed: Deed,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Deed {
        End,
        Freeze,
    }

    static ARMED: LazyLock<Option<Armed>> = LazyLock::new(|| {
        let text = std::env::var("CAPSTONE_FAILPOINT").ok()?;
        Some(
            parse(&text)
                .unwrap_or_else(|| panic!("CAPSTONE_FAILPOINT={text}: write POINT:N or POINT:N:freeze")),
        )
    });

    pub(crate) fn pass(point: Point) {
        if let Some(armed) = &*ARMED
            && armed.point == point
            && armed.left.fetch_sub(1, Ordering::Relaxed) == 1
        {
            match armed.deed {
                Deed::End => std::process::abort(),
                Deed::Freeze => freeze(),
            }
        }
    }

    /// Returns when somebody has sent `SIGCONT`.
    fn freeze() {
        let pid = std::process::id().to_string();
        let sent = std::process::Command::new("kill").args(["-STOP", &pid]).status();
        assert!(sent.is_ok_and(|status| status.success()), "process {pid} cannot be stopped");
    }

    static POISON: LazyLock<Option<String>> = LazyLock::new(|| std::env::var("CAPSTONE_POISON").ok());

    pub(crate) fn taste(topic: &str) {
        if POISON.as_deref() == Some(topic) {
            std::process::abort();
        }
    }

    fn parse(text: &str) -> Option<Armed> {
        let (text, deed) = match text.strip_suffix(":freeze") {
            Some(text) => (text, Deed::Freeze),
            None => (text, Deed::End),
        };
        let (wanted, count) = text.split_once(':')?;
        let (point, _) = Point::ALL.into_iter().find(|(_, name)| *name == wanted)?;
        let count = count.parse().ok().filter(|&count| count > 0)?;
        Some(Armed { point, left: AtomicU64::new(count), deed })
    }

    #[test]
    fn a_point_and_a_number_or_nothing() {
        let armed = |text| parse(text).map(|armed| (armed.point, armed.left.into_inner(), armed.deed));
        assert_eq!(armed("settle_deleted:3"), Some((Point::SettleDeleted, 3, Deed::End)));
        assert_eq!(armed("settled:1:freeze"), Some((Point::Settled, 1, Deed::Freeze)));
        for wrong in [
            "",
            "settle_deleted",
            "settle_deleted:0",
            "elsewhere:1",
            "settled:x",
            "settled:freeze",
            "settled:1:melt",
        ] {
            assert_eq!(armed(wrong), None, "{wrong}");
        }
    }
}
