//! `--server` and `--token`: which NATS server a command talks to, and what it must know there.

use std::{fmt, str::FromStr};

/// A server by its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// `HOST:PORT`.
    pub address: String,
}

/// What clients must know. Not shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// The text itself, for the one place that needs it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl FromStr for Server {
    type Err = String;

    fn from_str(address: &str) -> Result<Self, Self::Err> {
        let rest = match address.split_once("://") {
            None => address,
            Some(("nats", rest)) => rest,
            Some(_) => return Err("write nats://HOST:PORT; TLS is not supported".into()),
        };
        // The address is not repeated: it may hold a password.
        if rest.contains('@') {
            return Err("holds credentials, which everybody can see there: use CAPSTONE_TOKEN, or CAPSTONE_NATS_USER and \
                 CAPSTONE_NATS_PASSWORD"
                .into());
        }
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        // A colon inside of brackets belongs to an address of IPv6.
        let has_port = rest.rsplit_once(':').is_some_and(|(host, port)| {
            !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) && !host.is_empty()
        });
        if rest.is_empty() || rest.contains('/') {
            return Err("write nats://HOST:PORT".into());
        }
        Ok(Self { address: if has_port { rest.to_owned() } else { format!("{rest}:4222") } })
    }
}

impl FromStr for Token {
    type Err = String;

    fn from_str(token: &str) -> Result<Self, Self::Err> {
        match token.len() {
            1..=256 => Ok(Self(token.to_owned())),
            _ => Err("a token or a password has 1 to 256 bytes".into()),
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nats://{}", self.address)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_its_usual_port_or_an_error() {
        let address = |text: &str| text.parse::<Server>().map(|server| server.address);
        assert_eq!(address("nats://127.0.0.1:1"), Ok("127.0.0.1:1".into()));
        assert_eq!(address("example.org/"), Ok("example.org:4222".into()));
        assert_eq!(address("[::1]:7"), Ok("[::1]:7".into()));
        for wrong in ["", "nats://", "tls://a:1", "nats://u:secret@h:1", "nats://h/x"] {
            let error = address(wrong).expect_err(wrong);
            assert!(!error.contains("secret"), "{error}");
        }
        assert_eq!(format!("{:?}", "s3cret".parse::<Token>()), "Ok(Token)");
    }
}
