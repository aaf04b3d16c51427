//! Ids and times of the example messages. Time begins at a fixed instant and passes by itself: no clock is read.

use super::SplitMix;

/// 2026-01-05, a Monday, 08:00:00 UTC, in milliseconds since 1970.
const BEGIN_MS: u64 = 1_767_600_000_000;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;
/// The fifth of January is the day with this number of the month.
const BEGIN_DAY: u64 = 5;

/// What time it is in the shop.
pub(super) struct Ids {
    now_ms: u64,
}

impl Ids {
    pub(super) fn new() -> Ids {
        Ids { now_ms: BEGIN_MS }
    }

    pub(super) fn pass(&mut self, ms: u64) {
        self.now_ms += ms;
    }

    /// A UUID of version 7 (RFC 9562): 48 bits of milliseconds, version, 12 random bits, variant, 62 random bits.
    pub(super) fn message(&self, random: &mut SplitMix) -> String {
        let (a, b) = (random.next(), random.next());
        let high = (self.now_ms << 16) | 0x7000 | (a & 0x0fff);
        let low = (b & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
        let (time, version, variant) = (high >> 16, high & 0xffff, low >> 48);
        format!(
            "{:08x}-{:04x}-{version:04x}-{variant:04x}-{:012x}",
            time >> 16,
            time & 0xffff,
            low & 0xffff_ffff_ffff
        )
    }

    /// `2026-01-05T08:00:00.000Z`. The examples end long before January does.
    pub(super) fn time(&self) -> String {
        let midnight = BEGIN_MS - BEGIN_MS % DAY_MS;
        let (day, ms) = (BEGIN_DAY + (self.now_ms - midnight) / DAY_MS, (self.now_ms - midnight) % DAY_MS);
        let (hour, minute, second) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60);
        format!("2026-01-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", ms % 1000)
    }
}

/// W3C trace context: all messages of one business case carry one trace, each its own span.
pub(super) fn traceparent(trace: u64, random: &mut SplitMix) -> String {
    // Spans of all zeros are invalid.
    let span = random.next() | 1;
    format!("00-{:016x}{trace:016x}-{span:016x}-01", SplitMix::new(trace).next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_passes_over_midnight() {
        let mut ids = Ids::new();
        assert_eq!(ids.time(), "2026-01-05T08:00:00.000Z");
        ids.pass(16 * 3_600_000 + 61_007);
        assert_eq!(ids.time(), "2026-01-06T00:01:01.007Z");
    }

    #[test]
    fn an_id_begins_with_its_time() {
        let id = Ids::new().message(&mut SplitMix::new(1));
        // 1_767_600_000_000 is 0x19b8d25f800.
        assert_eq!(format!("{BEGIN_MS:012x}"), id.replace('-', "")[..12]);
    }
}
