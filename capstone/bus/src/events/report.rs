//! [`EmitReport`]: what became of an event, handler by handler.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{DEPTH_MAX, LAYERS_MAX, Outcome};

/// What became of an event that was emitted: one report per handler that was registered when the emission began, by
/// falling priority and then in order of registration.
#[derive(Debug)]
#[must_use = "a handler may have failed, and nothing else says so"]
#[non_exhaustive]
pub struct EmitReport {
    /// The topic of the event.
    pub topic: &'static str,
    /// One for each handler; none is no error.
    pub handlers: Vec<HandlerReport>,
    /// Why no handler was called at all. Each is reported as skipped then.
    pub refused: Option<Refused>,
}

impl EmitReport {
    /// Whether no handler failed, and the event was not refused. Skipped is not failed.
    pub fn is_ok(&self) -> bool {
        self.refused.is_none() && self.failures().next().is_none()
    }

    /// The handlers that failed, panicked or ran out of time.
    pub fn failures(&self) -> impl Iterator<Item = &HandlerReport> {
        self.handlers.iter().filter(|report| report.outcome.is_failure())
    }

    /// The outcomes alone, in the order of [`handlers`](Self::handlers).
    pub fn outcomes(&self) -> impl Iterator<Item = &Outcome> {
        self.handlers.iter().map(|report| &report.outcome)
    }

    /// Whether it [is ok](Self::is_ok), for use with `?`.
    ///
    /// # Errors
    ///
    /// The event was refused, or a handler failed. The error has the report.
    pub fn into_result(self) -> Result<(), EmitError> {
        if self.is_ok() { Ok(()) } else { Err(EmitError(self)) }
    }
}

/// What one handler did with one event.
#[derive(Debug)]
#[non_exhaustive]
pub struct HandlerReport {
    /// The name given to the handler, or that of its type.
    pub handler: Arc<str>,
    /// The class that it ran in.
    pub priority: i32,
    /// How it ended.
    pub outcome: Outcome,
    /// How often the handler was called: 0 when it was skipped, more than 1 after retries.
    pub attempts: u32,
    /// From the moment its class began, with all waiting.
    pub took: Duration,
}

/// Why an event got to no handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The bus or its events are closed. While they drain, handlers may still emit.
    #[error("events are closed")]
    Closed,
    /// [`DEPTH_MAX`] emissions wait for each other already, each in a handler of the one before.
    #[error("emitted inside of {DEPTH_MAX} handlers that wait for each other")]
    TooDeep,
    /// Around its handlers, and the handlers that it is nested in, there would be more than [`LAYERS_MAX`] middlewares.
    #[error("more than {LAYERS_MAX} middlewares would wait for each other")]
    TooManyLayers,
}

/// An event was refused, or at least one handler failed. `Display` names them all.
#[derive(Debug)]
pub struct EmitError(EmitReport);

impl EmitError {
    /// The whole report.
    pub fn report(&self) -> &EmitReport {
        &self.0
    }

    /// The whole report.
    pub fn into_report(self) -> EmitReport {
        self.0
    }
}

impl fmt::Display for EmitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = &self.0;
        if let Some(refused) = report.refused {
            return write!(f, "emit {}: {refused}", report.topic);
        }
        let (failed, all) = (report.failures().count(), report.handlers.len());
        write!(f, "emit {}: {failed} of {all} handlers failed", report.topic)?;
        for failure in report.failures() {
            write!(f, "; {}: {}", failure.handler, failure.outcome)?;
        }
        Ok(())
    }
}

/// The cause is the first error that a handler returned, or why the event was refused.
impl std::error::Error for EmitError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        if let Some(refused) = &self.0.refused {
            return Some(refused);
        }
        self.0.outcomes().find_map(|outcome| match outcome {
            Outcome::Err(error) => Some(error.source() as &(dyn std::error::Error + 'static)),
            _ => None,
        })
    }
}
