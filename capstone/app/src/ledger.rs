//! What was committed, what was delivered, which faults happened: three ledgers, and the checker that compares them.
//!
//! Reads no clock and no database, and knows nothing of the run that wrote the ledgers.
//!
//! A workload gives every message an id, and every message with a key the next number of that key. It numbers each
//! attempt, whether it commits or not: so the committed numbers of a key rise, with holes where something was rolled
//! back. Start with [`Checker`].
//!
//! | module | what it is |
//! | --- | --- |
//! | `record` | [`Committed`], [`Delivered`], [`Fault`]: one line of a ledger each |
//! | `file` | [`append`] and [`read`]: ledgers as files of one JSON object a line |
//! | `checker` | [`Expectation`], [`Checker`]: compares |
//! | `verdict` | [`Verdict`]: for people and as JSON |

mod checker;
mod file;
mod record;
#[cfg(test)]
mod tests;
mod verdict;

pub use checker::{Checker, Contradiction, Expectation};
pub use file::{LedgerError, Record, append, read};
pub use record::{Committed, Delivered, Fault, Outcome};
pub use verdict::{Kind, Problem, Symptom, Tally, Verdict};
