//! What this lesson claims of every schedule. `cargo x schedule 30` tests it.

use shared::Entry;
use shared::schedule::{Claim, Claims, any_ms};

use crate::board::highest_version;
use crate::wrong::last_is_newest;

/// Each wrong version comes before the right one.
pub fn claims() -> Claims {
    Claims::of_lesson(30).claim(
        Claim::in_many_schedules(
            "newest",
            "In the end the board shows the newest price, $15, however long each publisher takes",
            shows_the_newest,
        )
        .wrong("the last message is taken for the newest", |journal| {
            last_is_newest([any_ms(0..=40), any_ms(0..=40)], journal)
        })
        .right("the highest version", |journal| highest_version([any_ms(0..=40), any_ms(0..=40)], journal)),
    )
}

fn shows_the_newest(journal: &[Entry]) -> Result<(), String> {
    match journal.iter().rfind(|entry| entry.task == "board") {
        Some(entry) if entry.what == "shows $15" => Ok(()),
        last => Err(format!("in the end, the board {}", last.map_or("shows nothing", |entry| &entry.what))),
    }
}
