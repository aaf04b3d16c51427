//! The scenes that `main` plays and the book shows. On the real clock they take less than 5 s.

use shared::{Journal, Pace, Story};

use crate::event::{Cents, OutboxEvent, outbox};
use crate::log::Log;
use crate::{relay, wrong};

/// Each wrong version comes before the right one.
pub fn story() -> Story {
    Story::new("Lesson 13: a sequential relay")
        .hurried_scene("float-money", "Wrong: money as floating point", 4, wrong::float_money)
        .hurried_scene("first-error", "Wrong: the first error ends the relay", 4, first_error)
        .hurried_scene("four-events", "Right: four events, one after another", 4, four_events)
        .for_real_in("For real, with a log file", |journal, folder| {
            relay::relay_to_file(outbox(), folder, journal)
        })
}

async fn first_error(journal: Journal, pace: Pace) {
    if let Err(error) = wrong::ends_at_the_first_error(invalid_second(), journal.clone(), pace).await {
        journal.log("main", format_args!("Error: {error}; the two events after it are not published"));
    }
}

/// The same four events, with the invalid payment in second place.
pub fn invalid_second() -> Vec<OutboxEvent> {
    let mut events = outbox();
    events.swap(1, 3);
    debug_assert!(matches!(events[1], OutboxEvent::Payment(Cents(-300))));
    events
}

/// Logs to memory: nothing on the paused clock should wait for a disk.
async fn four_events(journal: Journal, pace: Pace) {
    let mut log = Log::new(Vec::new(), || chrono::Local::now().naive_local());
    relay::relay(outbox(), &mut log, journal, pace).await.expect("memory can be written");
}
