//! [`Place`]: where the status page is, if anywhere.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

/// `--http`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Here.
    At(SocketAddr),
    /// Nowhere.
    Off,
}

impl FromStr for Place {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "off" => Ok(Self::Off),
            _ => text.parse().map(Self::At).map_err(|_| "write HOST:PORT such as 127.0.0.1:4280, or off"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(address) => address.fmt(f),
            Self::Off => f.write_str("off"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_an_address_or_off() {
        assert_eq!("off".parse(), Ok(Place::Off));
        assert_eq!("127.0.0.1:0".parse::<Place>().map(|place| place.to_string()), Ok("127.0.0.1:0".into()));
        assert!("here".parse::<Place>().is_err());
    }
}
