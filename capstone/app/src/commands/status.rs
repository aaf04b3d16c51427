//! `capstone status`: what waits, what is held, what was given up.

#[cfg(feature = "postgres")]
use capstone_outbox::postgres::PostgresStore;
use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::store::Status;

use crate::Exit;
use crate::cli;
use crate::database::Database;
use crate::table::{paused, plain, span};

/// Runs the command.
///
/// # Errors
/// The database is missing, or has no tables of ours.
pub async fn run(options: cli::Status) -> anyhow::Result<Exit> {
    let status = match &options.db {
        Database::Sqlite(path) => SqliteStore::open_existing(path)?.status().await?,
        #[cfg(feature = "postgres")]
        Database::Postgres(target) => PostgresStore::connect(target).await?.status().await?,
    };
    if options.json {
        println!("{}", serde_json::to_string(&status)?);
    } else {
        print!("{}", text(&status));
    }
    Ok(Exit::Done)
}

fn text(status: &Status) -> String {
    let oldest = status.oldest_ms.map(|ms| format!("  oldest {} ago", span(ms)));
    let shown = |count| count_text(status, count);
    let mut text = format!("pending  {}{}\n", shown(status.pending), oldest.unwrap_or_default());
    text += &format!("held     {}\ndead     {}\n", shown(status.held), shown(status.dead));
    if let Some(pause) = &status.paused {
        text += &format!("{}\n", paused(pause));
    }
    text += &relays(status);
    for key in &status.keys {
        let times = if key.attempts == 1 { "attempt" } else { "attempts" };
        let (name, error) = (plain(&key.key), plain(&key.error));
        text += &format!("  {} {name}: {} {times}, last: {error}\n", key.state, key.attempts);
    }
    text
}

/// To three digits where it is an estimate.
fn count_text(status: &Status, count: u64) -> String {
    if !status.is_estimated(count) {
        return count.to_string();
    }
    let unit = 10_u64.pow(count.ilog10() - 2);
    let rounded = (count / unit * unit).to_string();
    let from_end = |place: usize| rounded.len() - place;
    let digit = |(place, digit): (usize, char)| {
        let is_first_of_three = place > 0 && from_end(place) % 3 == 0;
        [is_first_of_three.then_some(','), Some(digit)].into_iter().flatten()
    };
    format!("~{}", rounded.chars().enumerate().flat_map(digit).collect::<String>())
}

/// One line if there is one lane, else one for each relay and one for the lanes that nobody holds.
fn relays(status: &Status) -> String {
    if status.lanes == 1 {
        return format!("relay    {}\n", status.owner.as_deref().unwrap_or("none"));
    }
    let mut free = status.lanes;
    let mut text = String::new();
    for relay in &status.relays {
        free = free.saturating_sub(relay.lanes);
        text += &format!("relay    {}: {} of {} lanes\n", relay.owner, relay.lanes, status.lanes);
    }
    if free > 0 {
        text += &format!("relay    none: {free} of {} lanes\n", status.lanes);
    }
    text
}

#[cfg(test)]
mod tests {
    use capstone_outbox::operations::Pause;
    use capstone_outbox::store::{KeyStatus, RelayStatus};

    use super::*;

    #[test]
    fn a_person_can_read_it() {
        let mut key = KeyStatus::default();
        (key.key, key.state, key.attempts) = ("order-7".into(), "parked", 10);
        key.error = "permanent: too large".into();
        let mut pause = Pause::default();
        (pause.by, pause.for_ms) = ("anna".into(), 120_000);
        let mut status = Status::default();
        (status.pending, status.held, status.dead) = (3, 2, 1);
        status.oldest_ms = Some(1_500);
        status.paused = Some(pause);
        status.lanes = 1;
        status.owner = Some("pid 7".into());
        status.keys = vec![key];
        let expected = "pending  3  oldest 1 s ago\nheld     2\ndead     1\npaused by anna for 2 min\nrelay    pid 7\n  \
                        parked order-7: 10 attempts, last: permanent: too large\n";
        assert_eq!(text(&status), expected);
    }

    #[test]
    fn an_estimate_is_told_as_one() {
        let mut status = Status::default();
        status.is_estimate = true;
        let told = [100_000, 100_001, 999_999, 3_004_217, 10_000_000].map(|count| count_text(&status, count));
        assert_eq!(told, ["100000", "~100,000", "~999,000", "~3,000,000", "~10,000,000"]);
        status.is_estimate = false;
        assert_eq!(count_text(&status, 3_004_217), "3004217");
    }

    #[test]
    fn lanes_are_told_by_relay() {
        let relay = |owner: &str, lanes| {
            let mut relay = RelayStatus::default();
            (relay.owner, relay.lanes) = (owner.into(), lanes);
            relay
        };
        let mut status = Status::default();
        status.lanes = 64;
        assert_eq!(relays(&status), "relay    none: 64 of 64 lanes\n");
        status.relays = vec![relay("pid 7", 32), relay("pid 8", 30)];
        assert_eq!(
            relays(&status),
            "relay    pid 7: 32 of 64 lanes\nrelay    pid 8: 30 of 64 lanes\nrelay    none: 2 of 64 lanes\n"
        );
    }
}
