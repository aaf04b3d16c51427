//! What every rule finds.

use std::fmt;

/// One thing that is wrong, where, and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub path: String,
    /// From 1; 0 is the file as a whole.
    pub line: usize,
    pub what: String,
    pub fix: String,
}

impl Problem {
    pub fn new(path: &str, line: usize, what: impl Into<String>, fix: impl Into<String>) -> Problem {
        Problem { path: path.to_owned(), line, what: what.into(), fix: fix.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}\n    fix: {}", self.path, self.what, self.fix),
            line => write!(f, "{}:{line}: {}\n    fix: {}", self.path, self.what, self.fix),
        }
    }
}
