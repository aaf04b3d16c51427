//! The kinds of values: how each is read, and how it is written.

use std::fmt::{self, Display};
use std::str::FromStr;
use std::time::Duration;

use capstone_bus::Overflow;
use capstone_outbox::relay::Exhausted;
use tracing_subscriber::filter::LevelFilter;

use super::log::LogFormat;

/// How a value is read from a text, and written as one. What is wrong says what to write.
pub(super) struct Kind<T> {
    pub(super) read: fn(&str) -> Result<T, String>,
    pub(super) show: fn(&T) -> String,
}

/// A text that only the one place that needs it may see. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Beyond it, a time added to now is no time any more.
const DURATION_MAX: Duration = Duration::from_secs(1_000 * 3_600);

pub(super) const DURATION: Kind<Duration> = Kind { read: read_duration, show: show_duration };
pub(super) const ROWS: Kind<usize> = Kind { read: from_one, show: usize::to_string };
pub(super) const IDS: Kind<u64> = Kind { read: from_one, show: u64::to_string };
pub(super) const ATTEMPTS: Kind<u32> = Kind { read: from_one, show: u32::to_string };
pub(super) const BYTES: Kind<usize> = Kind { read: read_bytes, show: show_bytes };

const EXHAUSTED_WORDS: [(&str, Exhausted); 2] = [("park", Exhausted::Park), ("dead-letter", Exhausted::Bury)];
pub(super) const EXHAUSTED: Kind<Exhausted> =
    Kind { read: |text| one_of(&EXHAUSTED_WORDS, text), show: |value| word(&EXHAUSTED_WORDS, value) };

/// The time of `block` is a setting of its own, so here it is the default's.
const OVERFLOW_WORDS: [(&str, Overflow); 4] = [
    ("block", Overflow::Block { timeout: Duration::from_secs(1) }),
    ("drop-oldest", Overflow::DropOldest),
    ("drop-newest", Overflow::DropNewest),
    ("disconnect", Overflow::Disconnect),
];
pub(super) const OVERFLOW: Kind<Overflow> =
    Kind { read: |text| one_of(&OVERFLOW_WORDS, text), show: |value| word(&OVERFLOW_WORDS, value) };

const LEVEL_WORDS: [(&str, LevelFilter); 6] = [
    ("off", LevelFilter::OFF),
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("info", LevelFilter::INFO),
    ("debug", LevelFilter::DEBUG),
    ("trace", LevelFilter::TRACE),
];
pub(super) const LEVEL: Kind<LevelFilter> =
    Kind { read: |text| one_of(&LEVEL_WORDS, text), show: |value| word(&LEVEL_WORDS, value) };

const FORMAT_WORDS: [(&str, LogFormat); 2] = [("text", LogFormat::Text), ("json", LogFormat::Json)];
pub(super) const FORMAT: Kind<LogFormat> =
    Kind { read: |text| one_of(&FORMAT_WORDS, text), show: |value| word(&FORMAT_WORDS, value) };

/// What is read and written as the command line does it.
pub(super) const fn parsed<T: FromStr<Err: Display> + Display>() -> Kind<T> {
    Kind { read: |text| text.parse().map_err(|error: T::Err| error.to_string()), show: T::to_string }
}

/// What the command line reads as a `T`. The text is kept, so that both read it alike.
pub(super) const fn given<T: FromStr<Err: Display> + Display>() -> Kind<Option<String>> {
    Kind { read: read_given::<T>, show: show_given::<T> }
}

/// As [`given`], and never shown.
pub(super) const fn secret<T: FromStr<Err: Display>>() -> Kind<Option<Secret>> {
    Kind {
        read: |text| Ok(read_given::<T>(text)?.map(Secret)),
        show: |value| if value.is_some() { "(hidden)" } else { "none" }.into(),
    }
}

fn read_given<T: FromStr<Err: Display>>(text: &str) -> Result<Option<String>, String> {
    match text.parse::<T>() {
        Ok(_) => Ok(Some(text.to_owned())),
        Err(error) => Err(error.to_string()),
    }
}

fn show_given<T: FromStr + Display>(value: &Option<String>) -> String {
    let value = value.as_deref().and_then(|text| text.parse::<T>().ok());
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}

fn one_of<T: Copy>(words: &[(&str, T)], text: &str) -> Result<T, String> {
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
    found.ok_or_else(|| {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        format!("write {}, not {text:?}", words.join(" or "))
    })
}

fn word<T: PartialEq>(words: &[(&str, T)], value: &T) -> String {
    words.iter().find(|(_, known)| known == value).map_or("?", |(word, _)| *word).to_owned()
}

pub(super) fn from_one<T: FromStr + From<u8> + PartialOrd + Display>(text: &str) -> Result<T, String> {
    let number = text.parse::<T>().ok().filter(|number| *number >= T::from(1));
    number.ok_or_else(|| format!("write a whole number from 1, not {text:?}"))
}

const UNITS: [(&str, f64); 4] = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3_600.0)];

pub(super) fn read_duration(text: &str) -> Result<Duration, String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let seconds = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, seconds)| seconds);
    let duration = seconds.zip(number.parse::<f64>().ok()).map(|(seconds, number)| number * seconds);
    let duration = duration.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    duration.filter(|duration| *duration <= DURATION_MAX).ok_or_else(|| {
        format!("write a time such as \"250ms\", \"1s\", \"2m\" or \"1h\", up to \"1000h\", not {text:?}")
    })
}

pub(super) fn show_duration(duration: &Duration) -> String {
    let seconds = duration.as_secs();
    match (duration.subsec_nanos(), seconds % 3_600, seconds % 60) {
        (0, 0, _) if seconds > 0 => format!("{}h", seconds / 3_600),
        (0, _, 0) if seconds > 0 => format!("{}m", seconds / 60),
        _ => format!("{duration:?}"),
    }
}

const SIZES: [(&str, usize); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

pub(super) fn read_bytes(text: &str) -> Result<usize, String> {
    let size = SIZES.iter().find_map(|(name, size)| Some((text.strip_suffix(name)?, *size)));
    let (number, size) = size.unwrap_or((text, 1));
    let bytes = number.parse::<usize>().ok().and_then(|number| number.checked_mul(size));
    bytes.filter(|bytes| *bytes > 0).ok_or_else(|| {
        format!("write a number of bytes from 1, or a size such as \"512KiB\" or \"16MiB\", not {text:?}")
    })
}

pub(super) fn show_bytes(bytes: &usize) -> String {
    let size = SIZES.iter().find(|(_, size)| bytes.is_multiple_of(*size));
    size.map_or_else(|| bytes.to_string(), |(name, size)| format!("{}{name}", bytes / size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_unit_and_is_shown_as_it_is_written() {
        for text in ["250ms", "1s", "1.5s", "2m", "90s", "1h", "1000h"] {
            assert_eq!(show_duration(&read_duration(text).expect(text)), text);
        }
        assert_eq!(show_duration(&read_duration("120s").expect("a time")), "2m");
        for wrong in ["", "1", "s", "-1s", "1 s", "1d", "1001h", "..s", "9999999999999999999999h", "infs"] {
            let error = read_duration(wrong).expect_err(wrong);
            assert!(error.starts_with("write a time such as"), "{error}");
        }
    }

    #[test]
    fn a_size_is_bytes_or_has_a_unit() {
        assert_eq!(
            ["1", "1KiB", "16MiB"].map(|text| read_bytes(text).ok()),
            [Some(1), Some(1024), Some(16 << 20)]
        );
        assert_eq!([1, 1024, 16 << 20, 1025].map(|bytes| show_bytes(&bytes)), ["1", "1KiB", "16MiB", "1025"]);
        for wrong in ["", "0", "-1", "1MB", "MiB", "99999999999999999999", "99999999999GiB"] {
            assert!(read_bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_secret_is_not_shown() {
        let kind = secret::<String>();
        let value = (kind.read)("s3cret").expect("a text");
        assert_eq!((format!("{value:?}"), (kind.show)(&value)), ("Some(Secret)".into(), "(hidden)".into()));
        assert_eq!(value.as_ref().map(Secret::reveal), Some("s3cret"));
    }

    #[test]
    fn a_word_is_one_of_few() {
        assert_eq!((EXHAUSTED.read)("dead-letter"), Ok(Exhausted::Bury));
        let error = (EXHAUSTED.read)("drop").expect_err("not allowed");
        assert_eq!(error, "write park or dead-letter, not \"drop\"");
    }
}
