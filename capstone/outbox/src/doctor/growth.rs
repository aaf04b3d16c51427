//! What grows until somebody bounds it.

use super::{Finding, counted};

/// What a database keeps beside the outbox.
#[derive(Clone, Debug, Default)]
pub(crate) struct Growth {
    pub(crate) streams: u64,
    /// The largest one without a bound.
    pub(crate) unbounded: Option<Unbounded>,
    /// What consumers of streams gave up.
    pub(crate) letters: u64,
    /// What inboxes have seen, near enough.
    pub(crate) seen: u64,
    /// Operators' commands that are answered.
    pub(crate) answered: u64,
}

#[derive(Clone, Debug)]
pub(crate) struct Unbounded {
    pub(crate) name: String,
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
}

/// A backup, a copy and a scan of more take minutes.
const BYTES_LARGE: u64 = 1 << 30;
/// More than anybody looks at one by one.
const LETTERS_MANY: u64 = 1_000;
const SEEN_MANY: u64 = 10_000_000;
const ANSWERED_MANY: u64 = 100_000;

impl Growth {
    pub(crate) fn findings(&self) -> [Finding; 4] {
        [self.streams(), self.letters(), self.inbox(), self.commands()]
    }

    fn streams(&self) -> Finding {
        let Some(Unbounded { name, messages, bytes }) = &self.unbounded else {
            return Finding::ok(
                "streams",
                format!("{}, each of them bounded", counted(self.streams, "stream")),
            );
        };
        let meaning = format!(
            "{}; the largest without a bound is {name} with {} and {} MiB",
            counted(self.streams, "stream"),
            counted(*messages, "message"),
            bytes >> 20
        );
        if *bytes < BYTES_LARGE {
            return Finding::ok("streams", meaning);
        }
        let advice = format!(
            "`capstone stream set {name} --age-max 30d`, or by count or size; or `capstone stream trim`"
        );
        Finding::warning("streams", meaning, advice)
    }

    fn letters(&self) -> Finding {
        let meaning = format!("{} of consumers of streams", counted(self.letters, "dead letter"));
        if self.letters < LETTERS_MANY {
            return Finding::ok("streams' dead letters", meaning);
        }
        let advice = "`capstone stream dead list` shows why; mend the cause, then `redrive` or `discard`";
        Finding::warning("streams' dead letters", meaning, advice)
    }

    fn inbox(&self) -> Finding {
        let meaning = format!("about {} remembered", counted(self.seen, "message"));
        if self.seen < SEEN_MANY {
            return Finding::ok("inbox", meaning);
        }
        let advice = "lower inbox.keep, which `relay` and `serve` heed, or call `Inbox::forget`";
        Finding::warning("inbox", meaning, advice)
    }

    fn commands(&self) -> Finding {
        let meaning = format!("{} answered, each kept for a day", counted(self.answered, "command"));
        if self.answered < ANSWERED_MANY {
            return Finding::ok("operators' commands", meaning);
        }
        Finding::warning("operators' commands", meaning, "a running `relay` or `serve` forgets old ones")
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::doctor::Level;

    #[test]
    fn what_is_bounded_or_small_is_ok_and_what_is_large_is_told() {
        let of = |unbounded, many: u64| Growth {
            streams: 2,
            unbounded,
            letters: LETTERS_MANY - many,
            seen: SEEN_MANY - many,
            answered: ANSWERED_MANY - many,
        };
        let stream = |bytes| Some(Unbounded { name: "orders".into(), messages: 7, bytes });
        for fine in [of(None, 1), of(stream(BYTES_LARGE - 1), 1)] {
            assert!(fine.findings().iter().all(|finding| finding.level == Level::Ok), "{fine:?}");
        }
        let large = of(stream(BYTES_LARGE), 0);
        assert!(large.findings().iter().all(|finding| finding.level == Level::Warning), "{large:?}");
        assert!(large.findings()[0].meaning.contains("orders with 7 messages and 1024 MiB"));
    }
}
