//! What bounds something that grows: a time, a number or a size, or "none".

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::kind::{from_one, read_bytes, read_duration, show_bytes, show_duration};

/// How long something is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Age(pub Option<Duration>);

/// How many are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count(pub Option<u64>);

/// How many bytes are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size(pub Option<u64>);

const NONE: &str = "none";
const DAY: Duration = Duration::from_secs(24 * 3_600);
/// A hundred years.
const DAYS_MAX: u32 = 36_500;

impl FromStr for Age {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == NONE {
            return Ok(Self(None));
        }
        let days = text.strip_suffix('d').and_then(|days| days.parse::<u32>().ok());
        let age = match days {
            Some(days) if (1..=DAYS_MAX).contains(&days) => Some(DAY * days),
            Some(_) => None,
            None => read_duration(text).ok(),
        };
        age.map(|age| Self(Some(age))).ok_or_else(|| {
            format!("write a time such as \"90s\", \"12h\" or \"30d\", up to \"{DAYS_MAX}d\", or \"none\", not {text:?}")
        })
    }
}

impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str(NONE),
            Some(age) if age >= DAY && age.as_millis().is_multiple_of(DAY.as_millis()) => {
                write!(f, "{}d", age.as_secs() / DAY.as_secs())
            }
            Some(age) => f.write_str(&show_duration(&age)),
        }
    }
}

impl FromStr for Count {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == NONE {
            return Ok(Self(None));
        }
        from_one(text).map(|count| Self(Some(count))).map_err(|error| format!("{error}; or \"none\""))
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str(NONE),
            Some(count) => count.fmt(f),
        }
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == NONE {
            return Ok(Self(None));
        }
        let bytes = read_bytes(text).map_err(|error| format!("{error}; or \"none\""))?;
        Ok(Self(u64::try_from(bytes).ok()))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.map(usize::try_from) {
            Some(Ok(bytes)) => f.write_str(&show_bytes(&bytes)),
            _ => f.write_str(NONE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_shown_as_it_is_written() {
        for text in ["none", "90s", "12h", "1d", "30d", "36500d"] {
            assert_eq!(text.parse::<Age>().expect(text).to_string(), text);
        }
        assert_eq!("720h".parse::<Age>().expect("a time").to_string(), "30d");
        for text in ["none", "1", "1000000"] {
            assert_eq!(text.parse::<Count>().expect(text).to_string(), text);
        }
        for text in ["none", "512KiB", "3GiB"] {
            assert_eq!(text.parse::<Size>().expect(text).to_string(), text);
        }
        for wrong in ["", "0d", "36501d", "1.5d", "7", "never"] {
            assert!(wrong.parse::<Age>().is_err(), "{wrong}");
        }
        assert!("0".parse::<Count>().is_err() && "-1".parse::<Count>().is_err());
        assert!("0".parse::<Size>().is_err() && "1GB".parse::<Size>().is_err());
    }
}
