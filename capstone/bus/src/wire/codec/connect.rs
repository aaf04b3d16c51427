//! [`Connect`]: the options of a client.

use std::fmt;

use serde::Deserializer;
use serde::de::{self, Deserialize, IgnoredAny, MapAccess, Visitor};

/// What a client says of itself in `CONNECT`. Unknown fields are ignored: clients send many that are for people.
///
/// What is missing is as nats-server has it: `verbose`, `pedantic` and `echo` are on, all else is off.
#[derive(Clone)]
#[non_exhaustive]
pub struct Connect {
    /// Answer every command with `+OK`.
    pub verbose: bool,
    /// Say so when a message is published on a subject that is none.
    pub pedantic: bool,
    /// Send the client its own messages, where it has subscribed to them.
    pub echo: bool,
    /// The client understands `HMSG`, and may send `HPUB`.
    pub headers: bool,
    /// The client wants to be told when nobody is there to respond. Needs `headers`.
    pub no_responders: bool,
    /// 1 if the client takes an `INFO` at any time.
    pub protocol: i64,
    /// Credentials.
    pub auth_token: Option<String>,
    /// Credentials.
    pub user: Option<String>,
    /// Credentials.
    pub pass: Option<String>,
    /// What the client calls itself.
    pub name: Option<String>,
}

/// The argument of `CONNECT` is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the options in CONNECT are no JSON object, or one has the wrong type, at byte {at}")]
pub struct ConnectError {
    // Not the JSON's own error, which may quote a password.
    at: usize,
}

impl Connect {
    /// Reads the JSON behind `CONNECT`.
    ///
    /// # Errors
    ///
    /// See [`update`](Self::update).
    pub fn parse(json: &[u8]) -> Result<Self, ConnectError> {
        let mut connect = Self::default();
        connect.update(json)?;
        Ok(connect)
    }

    /// Takes over what the JSON has. As nats-server does it, names may be in any case, of the same twice the last one
    /// counts, `null` changes nothing, and texts are read as well as they can be.
    ///
    /// # Errors
    ///
    /// It is no JSON object, or a field has the wrong type; some of it may have been taken over then.
    pub fn update(&mut self, json: &[u8]) -> Result<(), ConnectError> {
        let mut json = serde_json::Deserializer::from_slice(json);
        let taken = json.deserialize_any(Fields(self)).and_then(|()| json.end());
        taken.map_err(|error| ConnectError { at: error.column() })
    }

    fn set<'de, A: MapAccess<'de>>(&mut self, name: &str, value: &mut A) -> Result<(), A::Error> {
        match name {
            "verbose" => replace(&mut self.verbose, value.next_value()?),
            "pedantic" => replace(&mut self.pedantic, value.next_value()?),
            "echo" => replace(&mut self.echo, value.next_value()?),
            "headers" => replace(&mut self.headers, value.next_value()?),
            "no_responders" => replace(&mut self.no_responders, value.next_value()?),
            "protocol" => replace(&mut self.protocol, value.next_value()?),
            "auth_token" => replace_text(&mut self.auth_token, value.next_value()?),
            "user" => replace_text(&mut self.user, value.next_value()?),
            "pass" => replace_text(&mut self.pass, value.next_value()?),
            "name" => replace_text(&mut self.name, value.next_value()?),
            _ => drop(value.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }
}

fn replace<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}

fn replace_text(field: &mut Option<String>, value: Option<Text>) {
    if let Some(Text(value)) = value {
        *field = Some(value);
    }
}

struct Fields<'a>(&'a mut Connect);

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Text(name)) = map.next_key()? {
            self.0.set(&name.to_ascii_lowercase(), &mut map)?;
        }
        Ok(())
    }

    /// `null` is an object without fields.
    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }
}

/// What is no Unicode in it is replaced.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl Visitor<'_> for Bytes {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Text, E> {
                Ok(Text(String::from_utf8_lossy(bytes).into_owned()))
            }
        }

        json.deserialize_bytes(Bytes)
    }
}

impl Default for Connect {
    fn default() -> Self {
        Self {
            verbose: true,
            pedantic: true,
            echo: true,
            headers: false,
            no_responders: false,
            protocol: 0,
            auth_token: None,
            user: None,
            pass: None,
            name: None,
        }
    }
}

/// Without the credentials.
impl fmt::Debug for Connect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connect")
            .field("name", &self.name)
            .field("verbose", &self.verbose)
            .field("pedantic", &self.pedantic)
            .field("echo", &self.echo)
            .field("headers", &self.headers)
            .field("no_responders", &self.no_responders)
            .field("protocol", &self.protocol)
            .finish_non_exhaustive()
    }
}
