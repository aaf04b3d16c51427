//! [`Connect`]: the options of a client.

use std::fmt;

use serde::Deserialize;

/// What a client says of itself in `CONNECT`. Unknown fields are ignored: clients send many that are for people.
///
/// What is missing is as nats-server has it: `verbose`, `pedantic` and `echo` are on, all else is off.
#[derive(Clone, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Connect {
    /// Answer every command with `+OK`.
    pub verbose: bool,
    /// Check topics strictly. The bus always does.
    pub pedantic: bool,
    /// Send the client its own messages, where it has subscribed to them.
    pub echo: bool,
    /// The client understands `HMSG`, and may send `HPUB`.
    pub headers: bool,
    /// The client wants to be told when nobody is there to respond. Needs `headers`.
    pub no_responders: bool,
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
#[derive(Debug, thiserror::Error)]
#[error("Parser Error")]
pub struct ConnectError(#[source] serde_json::Error);

impl Connect {
    /// Reads the JSON behind `CONNECT`.
    ///
    /// # Errors
    ///
    /// It is no JSON object, or a field has the wrong type.
    pub fn parse(json: &[u8]) -> Result<Self, ConnectError> {
        // Serde would take an array for the fields in order.
        if json.first() != Some(&b'{') {
            return Err(ConnectError(serde::de::Error::custom("not an object")));
        }
        serde_json::from_slice(json).map_err(ConnectError)
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
            .field("echo", &self.echo)
            .field("headers", &self.headers)
            .field("no_responders", &self.no_responders)
            .finish_non_exhaustive()
    }
}
