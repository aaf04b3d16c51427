//! What this lesson claims of every schedule. `cargo x schedule 27` tests it.

use shared::Entry;
use shared::schedule::{Claim, Claims, any_ms};

use crate::keys::{Change, by_key, four_changes};
use crate::wrong::any_member;

/// Each wrong version comes before the right one.
pub fn claims() -> Claims {
    Claims::of_lesson(27).claim(
        Claim::in_many_schedules(
            "in-order",
            "The order that was cancelled last is cancelled in the end, however long each change takes",
            is_cancelled,
        )
        .wrong("any member writes any change", |journal| any_member(changes(), journal))
        .right("one member writes all changes of an order", |journal| by_key(changes(), journal)),
    )
}

fn is_cancelled(journal: &[Entry]) -> Result<(), String> {
    match journal.last() {
        Some(entry) if entry.what == "order 7 is cancelled" => Ok(()),
        last => Err(format!("in the end, {}", last.map_or("nothing is written", |entry| &entry.what))),
    }
}

/// Each takes 40 to 300 ms; in an ordinary run 40.
fn changes() -> Vec<Change> {
    four_changes().into_iter().map(|change| Change { takes: any_ms(40..=300), ..change }).collect()
}
