//! [`HandlerError`]: what a handler returns when it failed.

use std::error::Error;
use std::fmt;
use std::iter::successors;

/// A handler failed, of topics or of events: try again, or do not.
///
/// `?` and `into` make any error or text one that is worth another attempt. So it is no `Error` itself, or they could not
/// tell them apart.
///
/// ```
/// use capstone_bus::HandlerError;
///
/// fn parse(text: &str) -> Result<u32, HandlerError> {
///     if text.is_empty() {
///         return Err("nothing there yet".into());
///     }
///     // The text will not get better.
///     text.parse().map_err(HandlerError::permanent)
/// }
/// assert!(!parse("").unwrap_err().is_permanent());
/// assert!(parse("seven").unwrap_err().is_permanent());
/// ```
#[derive(Debug)]
pub struct HandlerError {
    source: Box<dyn Error + Send + Sync>,
    permanent: bool,
}

impl HandlerError {
    /// The next attempt may succeed.
    pub fn retryable(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: error.into(), permanent: false }
    }

    /// No further attempt can succeed, so none is made.
    pub fn permanent(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: error.into(), permanent: true }
    }

    /// Whether a further attempt is pointless.
    pub fn is_permanent(&self) -> bool {
        self.permanent
    }

    /// What went wrong.
    pub fn source(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.source
    }

    /// What went wrong, if it is an `E`.
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        self.source.downcast_ref()
    }

    /// What went wrong.
    pub fn into_source(self) -> Box<dyn Error + Send + Sync> {
        self.source
    }
}

/// Any error, and any text.
impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for HandlerError {
    fn from(error: E) -> Self {
        Self::retryable(error)
    }
}

/// More sources are taken for a circle.
const SOURCES_MAX: usize = 32;

/// With its sources, since this is where they end: `a: b: c`.
impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.source)?;
        let sources = successors(self.source.source(), |error| (*error).source());
        sources.take(SOURCES_MAX).try_for_each(|error| write!(f, ": {error}"))
    }
}
