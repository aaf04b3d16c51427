//! What is published, how long that takes, and how it ends. An event whose task is aborted logs that it was cut off.

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

/// How publishing an event ends.
#[derive(Clone, Copy, Debug)]
pub enum End {
    Published,
    Refused,
    /// The code that publishes it has a bug, and panics.
    Panics,
}

/// The broker does not accept the event.
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
    /// Publishes the event, and returns its name.
    ///
    /// # Errors
    /// The broker refuses it.
    ///
    /// # Panics
    /// When the event is an empty notice.
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
            // Like `panic!`, but prints no message, which would appear in the middle of the scene.
            End::Panics => panic::resume_unwind(Box::new("an empty notice")),
        }
        Ok(self.name)
    }
}

/// Logs when it is dropped before the end, because the task was aborted.
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
