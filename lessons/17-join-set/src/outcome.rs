//! Which event ended how: a task may return a value, return an error, panic, or be aborted.

use std::collections::HashMap;

use shared::Journal;
use tokio::task::{AbortHandle, Id, JoinSet};

use crate::event::{Event, Refused};

/// How an event ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Published,
    /// The broker does not accept it.
    Refused,
    /// Its task panicked. Whether the event was published is not known.
    Crashed,
    /// Its task was aborted. Whether the event was published is not known.
    Stopped,
}

/// Events that are being published, each in a task. Dropping it aborts them.
// ANCHOR: publishing
#[derive(Debug, Default)]
pub struct Publishing {
    tasks: JoinSet<Result<&'static str, Refused>>,
    /// A `JoinError` knows only the id of its task.
    names: HashMap<Id, &'static str>,
}

impl Publishing {
    /// Starts to publish an event. The handle stops it.
    pub fn start(&mut self, event: Event, journal: &Journal) -> AbortHandle {
        let task = self.tasks.spawn(event.publish(journal.clone()));
        self.names.insert(task.id(), event.name);
        task
    }

    /// The next event that has ended, and how; `None` when nothing is under way.
    ///
    /// Cancel safe: `join_next_with_id` is, and nothing is awaited afterwards.
    pub async fn next(&mut self) -> Option<(&'static str, Outcome)> {
        let (id, outcome) = match self.tasks.join_next_with_id().await? {
            Ok((id, Ok(_name))) => (id, Outcome::Published),
            Ok((id, Err(Refused))) => (id, Outcome::Refused),
            Err(error) if error.is_panic() => (error.id(), Outcome::Crashed),
            Err(error) => (error.id(), Outcome::Stopped), // aborted: there is no third kind
        };
        let name = self.names.remove(&id).expect("every task was started here");
        Some((name, outcome))
    }
}
// ANCHOR_END: publishing
