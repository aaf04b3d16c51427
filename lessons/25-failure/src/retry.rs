//! At most three attempts, with pauses between them. What is not worth another attempt is given up at once.

use std::fmt::{self, Display};

use tokio::time::sleep;

use crate::backoff::Backoff;
use crate::outcome::{Outcome, Refusal};

/// The first attempt counts.
pub const ATTEMPTS_MAX: u32 = 3;

/// There will be no further attempt.
// ANCHOR: retry
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GaveUp {
    pub attempts: u32,
    /// What came of the last attempt.
    pub last: &'static str,
    /// What is known after all of them.
    pub known: Known,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    NotDone,
    Nothing, // an attempt had no answer: it may have happened
}

/// Makes an attempt, and another one after each failure that may pass.
///
/// # Errors
/// The failure is permanent, or the third attempt has failed.
pub async fn retry<T, F>(mut backoff: Backoff, mut attempt: impl FnMut() -> F) -> Result<T, GaveUp>
where
    F: Future<Output = Outcome<T>>,
{
    let (mut attempts, mut known) = (0, Known::NotDone);
    loop {
        attempts += 1;
        let last = match attempt().await {
            Outcome::Done(value) => return Ok(value),
            Outcome::Failed(Refusal::Permanent(last)) => return Err(GaveUp { attempts, last, known }),
            Outcome::Failed(Refusal::Transient(last)) => last,
            Outcome::Unknown => {
                known = Known::Nothing; // a later refusal is about a later attempt
                "no answer"
            }
        };
        if attempts == ATTEMPTS_MAX {
            return Err(GaveUp { attempts, last, known });
        }
        sleep(backoff.pause(attempts)).await;
    }
}
// ANCHOR_END: retry

impl Display for GaveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { attempts, last, known } = self;
        let known = if let Known::Nothing = known { "; it may have been charged" } else { "" };
        let s = if *attempts == 1 { "" } else { "s" };
        write!(f, "{last}, after {attempts} attempt{s}{known}")
    }
}
