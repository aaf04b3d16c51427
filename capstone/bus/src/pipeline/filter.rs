//! [`Filters`]: what a handler wants.

use std::fmt;

use crate::base::caught;
use crate::pipeline::outcome::{Outcome, Skip};

/// Code of the application.
type Filter<T> = Box<dyn Fn(&T) -> bool + Send + Sync>;

/// All of them must want what is handled.
pub(crate) struct Filters<T>(Vec<Filter<T>>);

impl<T> Filters<T> {
    pub(crate) fn push(&mut self, wants: impl Fn(&T) -> bool + Send + Sync + 'static) {
        self.0.push(Box::new(wants));
    }

    /// What becomes of what they do not want. A panic is that of the handler.
    pub(crate) fn turn_down(&self, input: &T) -> Option<Outcome> {
        if self.0.is_empty() {
            return None;
        }
        match caught::call(|| self.0.iter().all(|wants| wants(input))) {
            Ok(true) => None,
            Ok(false) => Some(Outcome::Skipped(Skip::Filtered)),
            Err(panic) => Some(Outcome::Panicked(panic)),
        }
    }
}

impl<T> Default for Filters<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> fmt::Debug for Filters<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filters({})", self.0.len())
    }
}
