//! [`Exit`]: how a command ended, and the code that the program exits with.

use std::process::ExitCode;

/// How a command ended. What failed is an error, and exits with 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: all done.
    Done,
    /// 1: it ran to its end, and the answer is no: the demonstration found its ledger wrong.
    Failed,
    /// 3: stopped with work left: at the drain deadline, or before a relay has done what was recorded for it.
    WorkLeft,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::WorkLeft => 3,
        })
    }
}
