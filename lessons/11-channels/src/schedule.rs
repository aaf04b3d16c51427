//! What this lesson claims of every schedule. `cargo x schedule 11` tests it.

use shared::schedule::{Claim, Claims, Tasks, any_ms};
use shared::{Entry, Journal};
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::producers::consumer;
use crate::sending::{full_channel, send_patiently};
use crate::wrong::send_within_100_ms;

/// Each wrong version comes before the right one.
pub fn claims() -> Claims {
    Claims::of_lesson(11).claim(
        Claim::in_many_schedules(
            "nothing-lost",
            "Both events are received, however long the consumer is busy with something else",
            both_are_received,
        )
        .wrong("a timeout around send", |journal| through_a_full_channel(journal, send_within_100_ms))
        .right("a timeout around reserve", |journal| through_a_full_channel(journal, send_patiently)),
    )
}

fn both_are_received(journal: &[Entry]) -> Result<(), String> {
    for event in ["upload completed", "payment processed"] {
        let received = format!("received \"{event}\"");
        if journal.iter().all(|entry| entry.what != received) {
            return Err(format!("\"{event}\" is never received"));
        }
    }
    Ok(())
}

// ANCHOR: busy
async fn through_a_full_channel(journal: Journal, send: impl AsyncFn(mpsc::Sender<String>, String, Journal)) {
    let (tx, rx) = full_channel(&journal).await;
    let busy = any_ms(0..=250); // in an ordinary run 0
    let consuming = async {
        sleep(busy).await;
        consumer(rx, journal.clone()).await;
    };
    let sending = send(tx, "payment processed".to_owned(), journal.clone());
    Tasks::new().with(consuming).with(sending).run().await;
}
// ANCHOR_END: busy
