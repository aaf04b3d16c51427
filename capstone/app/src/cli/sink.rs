//! `--sink` and `--create-stream`: where a relay carries to.

use std::path::PathBuf;
use std::str::FromStr;

#[cfg(feature = "nats")]
use crate::server::Server;

/// The stream of a relay that was not told another name.
pub const STREAM: &str = "outbox";

/// `--sink`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SinkName {
    /// Lines on standard output.
    Stdout,
    /// Lines appended to a file.
    File(PathBuf),
    /// A stream of this name in the same database.
    Stream(String),
    /// Streams of a NATS server.
    #[cfg(feature = "nats")]
    Nats(Server),
    /// The same, over TLS.
    #[cfg(feature = "nats")]
    NatsOverTls(Server),
}

impl FromStr for SinkName {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name.split_once(':') {
            None if name == "stdout" => Ok(Self::Stdout),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            None if name == "stream" => Ok(Self::Stream(STREAM.into())),
            Some(("stream", name)) if !name.is_empty() => Ok(Self::Stream(name.into())),
            _ if name == "bus" => {
                Err("nobody could be listening in this process; see `capstone demo`".into())
            }
            #[cfg(feature = "nats")]
            Some(("nats" | "tls", rest)) if rest.contains('@') => Err(NO_SECRETS.into()),
            #[cfg(feature = "nats")]
            Some(("nats", _)) => name.parse().map(Self::Nats),
            #[cfg(feature = "nats")]
            Some(("tls", rest)) => format!("nats:{rest}").parse().map(Self::NatsOverTls),
            #[cfg(not(feature = "nats"))]
            Some(("nats" | "tls", _)) => Err("this program was built without the feature nats: \
                                      cargo build --package capstone --features nats"
                .into()),
            _ => Err("write stdout, file:PATH, stream:NAME, nats://HOST:PORT or tls://HOST:PORT".into()),
        }
    }
}

/// Why an address is refused. It is not repeated.
#[cfg(feature = "nats")]
const NO_SECRETS: &str = "holds credentials, which everybody can see there: use CAPSTONE_NATS_USER and \
     CAPSTONE_NATS_PASSWORD, --nats-creds FILE, the setting nats.nkey_file, or CAPSTONE_TOKEN";

/// `--create-stream`.
#[cfg(feature = "nats")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewStream {
    /// Its name.
    pub name: String,
    /// What is published to it.
    pub subjects: Vec<String>,
}

#[cfg(feature = "nats")]
impl FromStr for NewStream {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, subjects) = text.split_once('=').unwrap_or_default();
        let subjects: Vec<String> = subjects.split(',').map(str::to_owned).collect();
        if name.is_empty() || subjects.iter().any(String::is_empty) {
            return Err("write NAME=SUBJECT,SUBJECT such as orders=orders.>".into());
        }
        Ok(Self { name: name.to_owned(), subjects })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sink_is_named_or_refused() {
        assert_eq!("stdout".parse(), Ok(SinkName::Stdout));
        assert_eq!("file:a:b".parse(), Ok(SinkName::File("a:b".into())));
        assert_eq!("stream".parse(), Ok(SinkName::Stream("outbox".into())));
        assert_eq!("stream:orders".parse(), Ok(SinkName::Stream("orders".into())));
        #[cfg(feature = "nats")]
        {
            let server = || "nats://h:1".parse().expect("an address");
            assert_eq!("nats://h:1".parse(), Ok(SinkName::Nats(server())));
            assert_eq!("tls://h:1".parse(), Ok(SinkName::NatsOverTls(server())));
        }
        for wrong in
            ["stream:", "file:", "file", "bus", "kafka://x", "", "nats://user:s3cret@h:1", "tls://u:s3cret@h"]
        {
            let error = wrong.parse::<SinkName>().expect_err(wrong);
            assert!(!error.contains("s3cret"), "{error}");
        }
    }

    #[cfg(not(feature = "nats"))]
    #[test]
    fn a_sink_that_is_not_built_in_names_its_feature() {
        let error = "nats://127.0.0.1:4222".parse::<SinkName>().expect_err("not built in");
        assert!(error.ends_with("--features nats"), "{error}");
    }

    #[cfg(feature = "nats")]
    #[test]
    fn a_new_stream_has_a_name_and_subjects() {
        let subjects = vec!["orders.>".to_owned(), "paid".to_owned()];
        assert_eq!("o=orders.>,paid".parse(), Ok(NewStream { name: "o".into(), subjects }));
        for wrong in ["", "o", "o=", "=a", "o=a,"] {
            assert!(wrong.parse::<NewStream>().is_err(), "{wrong}");
        }
    }
}
