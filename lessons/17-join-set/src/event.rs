//! What is published, how long that takes, and how it ends. A task that is cut off half-way notes that.

use std::fmt::{self, Display};
use std::panic;
use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

/// An event of the outbox.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    pub name: &'static str,
    pub takes: Duration,
    pub ends: End,
}

/// What comes of publishing it.
#[derive(Clone, Copy, Debug)]
pub enum End {
    Published,
    Refused,
    /// The code that publishes it has a bug.
    Panics,
}

/// The broker does not take it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused;

pub const UPLOAD: Event = event("upload", 500, End::Published);
pub const PAYMENT: Event = event("payment", 800, End::Published);
pub const NOTICE: Event = event("notice", 300, End::Refused);
pub const REFUND: Event = event("refund", 600, End::Published);
/// Its task panics after 300 ms.
pub const EMPTY_NOTICE: Event = Event { ends: End::Panics, ..NOTICE };

const fn event(name: &'static str, takes_ms: u64, ends: End) -> Event {
    Event { name, takes: Duration::from_millis(takes_ms), ends }
}

impl Event {
    /// Publishes it.
    ///
    /// # Errors
    /// The broker refuses it.
    ///
    /// # Panics
    /// When it is an empty notice.
    pub async fn publish(self, journal: Journal) -> Result<&'static str, Refused> {
        journal.log(self.name, "begins");
        let mut under_way = UnderWay { event: self.name, journal: &journal, is_over: false };
        sleep(self.takes).await;
        under_way.is_over = true;
        match self.ends {
            End::Published => journal.log(self.name, "is published"),
            End::Refused => {
                journal.log(self.name, "is refused");
                return Err(Refused);
            }
            // Like `panic!`, without its message: that would stand in the middle of the story.
            End::Panics => panic::resume_unwind(Box::new("an empty notice")),
        }
        Ok(self.name)
    }
}

/// Notes when it is dropped before the end: the task was aborted.
struct UnderWay<'a> {
    event: &'static str,
    journal: &'a Journal,
    is_over: bool,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            self.journal.log(self.event, "is cut off");
        }
    }
}

impl Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("refused by the broker")
    }
}

impl std::error::Error for Refused {}
