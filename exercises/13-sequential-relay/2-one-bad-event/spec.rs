//! The tests of exercise 13.2. Your file and the solution are tested by this one copy.

use std::sync::Mutex;
use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::{sleep, timeout};

use super::sut::{Broker, Rejected, Summary, relay};

/// What becomes of an event: how many milliseconds it takes, and why it is rejected, if it is.
type Fate = (u32, u64, Result<(), &'static str>);

/// A broker that knows the fate of every event, in the order in which they should arrive.
struct Scripted {
    fates: Mutex<std::vec::IntoIter<Fate>>,
    journal: Journal,
}

impl Broker for Scripted {
    async fn publish(&self, id: u32) -> Result<(), Rejected> {
        self.journal.log("broker", format_args!("is given event {id}"));
        let fate = self.fates.lock().expect("a step of the script does not panic").next();
        let (_, takes, outcome) = fate.unwrap_or((id, 0, Ok(()))); // one event too many: the journal shows it
        sleep(Duration::from_millis(takes)).await;
        outcome.map_err(|reason| Rejected(reason.to_owned()))
    }
}

/// Relays an outbox of these events.
async fn relayed(fates: Vec<Fate>, journal: &Journal) -> Result<Summary, Rejected> {
    let events = fates.iter().map(|(id, ..)| *id).collect();
    let broker = Scripted { fates: Mutex::new(fates.into_iter()), journal: journal.clone() };
    let returned = timeout(HOUR, relay(events, broker)).await.expect("relay did not return within an hour");
    journal.log("relay", "returns");
    returned
}

fn assert_summary(actual: Result<Summary, Rejected>, published: &[u32], failed: &[(u32, &str)]) {
    let failed = failed.iter().map(|(id, reason)| (*id, Rejected((*reason).to_owned()))).collect();
    let expected = Ok(Summary { published: published.to_vec(), failed });
    assert!(
        actual == expected,
        "the summary does not say what the broker made of each event\nexpected: {expected:?}\nactual:   {actual:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_event_that_fails_does_not_stop_those_behind_it() {
    let journal = Journal::new();
    let fates = vec![
        (40, 130, Ok(())),
        (7, 370, Err("too large")),
        (31, 60, Ok(())),
        (12, 20, Err("no such topic")),
        (90, 4730, Ok(())),
        (7, 110, Ok(())),
        (31, 240, Err("already there")),
    ];
    let summary = relayed(fates, &journal).await;
    assert_journal!(
        journal,
        [
            (0, "broker", "is given event 40"),
            (130, "broker", "is given event 7"),
            (500, "broker", "is given event 31"),
            (560, "broker", "is given event 12"),
            (580, "broker", "is given event 90"),
            (5310, "broker", "is given event 7"),
            (5420, "broker", "is given event 31"),
            (5660, "relay", "returns"),
        ]
    );
    let failed = [(7, "too large"), (12, "no such topic"), (31, "already there")];
    assert_summary(summary, &[40, 31, 90, 7], &failed);
}

#[tokio::test(start_paused = true)]
async fn every_event_may_fail() {
    let journal = Journal::new();
    let summary = relayed(vec![(5, 30, Err("offline")), (2, 30, Err("too late"))], &journal).await;
    assert_summary(summary, &[], &[(5, "offline"), (2, "too late")]);
}
