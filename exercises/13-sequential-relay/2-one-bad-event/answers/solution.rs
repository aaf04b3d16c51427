//! Exercise 13.2: a failed event is an outcome, and not the end.

use std::time::Duration;

use shared::Journal;
use tokio::time::sleep;

/// What became of the outbox.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub published: Vec<u32>,
    /// Each with the reason.
    pub failed: Vec<(u32, Refused)>,
}

/// The broker does not take the event, today or tomorrow.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused(pub &'static str);

/// Publishes the events in order and says what became of each. It is `Ok` also when some were refused: the summary
/// tells which.
pub async fn relay(events: Vec<u32>, journal: Journal) -> Result<Summary, Refused> {
    let mut summary = Summary::default();
    //~ begin
    for id in events {
        match publish(id, &journal).await {
            Ok(()) => summary.published.push(id),
            Err(refused) => summary.failed.push((id, refused)),
        }
    }
    //~ starter
    //~| // TODO: one refused event ends the loop. Which character does that?
    //~| for id in events {
    //~|     publish(id, &journal).await?;
    //~|     summary.published.push(id);
    //~| }
    //~ end
    Ok(summary)
}

/// Takes 100 ms. The broker refuses events whose id can be divided by ten. Do not change it.
async fn publish(id: u32, journal: &Journal) -> Result<(), Refused> {
    sleep(Duration::from_millis(100)).await;
    if id.is_multiple_of(10) {
        journal.log("relay", format_args!("event {id} was refused"));
        return Err(Refused("too large"));
    }
    journal.log("relay", format_args!("published event {id}"));
    Ok(())
}
