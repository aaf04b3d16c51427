//! What a handler returns, and what became of an event: one outcome for each handler.

use std::error::Error;
use std::fmt::{self, Display};
use std::thread;

// ANCHOR: handled
/// One type for the errors of all handlers, so that `?` knows what to convert to.
pub type HandlerError = Box<dyn Error + Send + Sync>;
pub type Handled = Result<(), HandlerError>;

// ANCHOR_END: handled

/// How a call of a handler ended.
// ANCHOR: outcome
#[derive(Debug)]
pub enum Outcome {
    Ok,
    Err(HandlerError),
    /// With the message of the panic.
    Panicked(String),
}

/// The outcomes, in the order in which the handlers were registered.
#[derive(Debug)]
#[must_use = "it says which handlers failed"]
pub struct Report {
    pub outcomes: Vec<(&'static str, Outcome)>,
}
// ANCHOR_END: outcome

impl Report {
    /// The handlers that returned an error or panicked.
    pub fn failures(&self) -> impl Iterator<Item = &(&'static str, Outcome)> {
        self.outcomes.iter().filter(|(_, outcome)| !matches!(outcome, Outcome::Ok))
    }

    /// For a handler that emits, and fails when a handler of its event has failed.
    pub fn into_result(self) -> Handled {
        if self.failures().next().is_some() { Err(self.to_string().into()) } else { Ok(()) }
    }
}

impl Outcome {
    pub(crate) fn of(ended: thread::Result<Handled>) -> Self {
        match ended {
            Ok(Ok(())) => Self::Ok,
            Ok(Err(error)) => Self::Err(error),
            Err(payload) => {
                let message = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
                let message = message.or_else(|| payload.downcast_ref::<String>().cloned());
                Self::Panicked(message.unwrap_or_default())
            }
        }
    }
}

/// `stock: ok, billing: card declined`
impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (name, outcome)) in self.outcomes.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            write!(f, "{comma}{name}: {outcome}")?;
        }
        Ok(())
    }
}

impl Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ok => f.write_str("ok"),
            Self::Err(error) => write!(f, "{error}"),
            Self::Panicked(message) => write!(f, "panicked: {message}"),
        }
    }
}
