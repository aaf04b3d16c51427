//! What this lesson claims of every schedule. `cargo x schedule 12` tests it.

use std::time::Duration;

use shared::schedule::{Claim, Claims, Tasks, any_ms};
use shared::{Entry, Journal};
use tokio::sync::{broadcast, mpsc};
use tokio::time::sleep;

use crate::{answer, wrong};

/// Each caller, and what it asks to publish.
const CALLERS: [(&str, &str); 2] = [("caller 1", "upload completed"), ("caller 2", "payment processed")];
/// In an ordinary run, the second caller comes when the first one has its receipt.
const SECOND_AFTER_AT_MOST: Duration = Duration::from_millis(300);

/// Each wrong version comes before the right one.
pub fn claims() -> Claims {
    Claims::of_lesson(12).claim(
        Claim::in_many_schedules(
            "own-receipt",
            "Each caller has the receipt of its own event, whenever the second one comes",
            each_has_its_own,
        )
        .wrong("every receipt goes to both", from_a_broadcast)
        .right("each request carries the sender of its answer", from_a_oneshot),
    )
}

fn each_has_its_own(journal: &[Entry]) -> Result<(), String> {
    for (caller, event) in CALLERS {
        let published = format!("published \"{event}\": ");
        let own = journal.iter().find_map(|entry| entry.what.strip_prefix(&published));
        let own = own.ok_or_else(|| format!("\"{event}\" is not published"))?;
        let has = format!("has {own}");
        if journal.iter().all(|entry| entry.task != caller || entry.what != has) {
            return Err(format!("{own} is for the event of {caller}, which has another"));
        }
    }
    Ok(())
}

async fn from_a_broadcast(journal: Journal) {
    let (tx, rx) = mpsc::channel(3);
    let answers = broadcast::Sender::new(4);
    let mut tasks = Tasks::new().with(wrong::relay(rx, answers.clone(), journal.clone()));
    for ((caller, event), after) in CALLERS.into_iter().zip(moments()) {
        let (tx, answers, journal) = (tx.clone(), answers.clone(), journal.clone());
        tasks = tasks.with(async move {
            sleep(after).await;
            wrong::ask(caller, event, 0, tx, answers.subscribe(), journal).await;
        });
    }
    drop(tx);
    tasks.run().await;
}

async fn from_a_oneshot(journal: Journal) {
    let (tx, rx) = mpsc::channel(3);
    let mut tasks = Tasks::new().with(answer::relay(rx, journal.clone()));
    for ((caller, event), after) in CALLERS.into_iter().zip(moments()) {
        let (tx, journal) = (tx.clone(), journal.clone());
        tasks = tasks.with(async move {
            sleep(after).await;
            answer::ask(caller, event, 0, tx, journal).await;
        });
    }
    drop(tx);
    tasks.run().await;
}

/// When the two callers come.
fn moments() -> [Duration; 2] {
    [Duration::ZERO, SECOND_AFTER_AT_MOST - any_ms(0..=300)]
}
