//! `capstone status`: what waits, what is held, what was given up.

#[cfg(feature = "postgres")]
use capstone_outbox::postgres::PostgresStore;
use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::store::Status;

use super::pause;
use super::table::{plain, span};
use crate::Exit;
use crate::cli;
use crate::database::Database;

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
    let mut text = format!("pending  {}{}\n", status.pending, oldest.unwrap_or_default());
    text += &format!("held     {}\ndead     {}\n", status.held, status.dead);
    if let Some(pause) = &status.paused {
        text += &format!("{}\n", pause::words(pause));
    }
    text += &relays(status);
    for key in &status.keys {
        let times = if key.attempts == 1 { "attempt" } else { "attempts" };
        let (name, error) = (plain(&key.key), plain(&key.error));
        text += &format!("  {} {name}: {} {times}, last: {error}\n", key.state, key.attempts);
    }
    text
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
        let key = KeyStatus {
            key: "order-7".into(),
            state: "parked",
            attempts: 10,
            error: "permanent: too large".into(),
        };
        let status = Status {
            pending: 3,
            held: 2,
            dead: 1,
            oldest_ms: Some(1_500),
            paused: Some(Pause { by: "anna".into(), for_ms: 120_000 }),
            lanes: 1,
            owner: Some("pid 7".into()),
            relays: vec![RelayStatus { owner: "pid 7".into(), lanes: 1 }],
            keys: vec![key],
        };
        let expected = "pending  3  oldest 1 s ago\nheld     2\ndead     1\npaused by anna for 2 min\nrelay    pid 7\n  \
                        parked order-7: 10 attempts, last: permanent: too large\n";
        assert_eq!(text(&status), expected);
    }

    #[test]
    fn lanes_are_told_by_relay() {
        let relay = |owner: &str, lanes| RelayStatus { owner: owner.into(), lanes };
        let mut status = Status { lanes: 64, ..Status::default() };
        assert_eq!(relays(&status), "relay    none: 64 of 64 lanes\n");
        status.relays = vec![relay("pid 7", 32), relay("pid 8", 30)];
        assert_eq!(
            relays(&status),
            "relay    pid 7: 32 of 64 lanes\nrelay    pid 8: 30 of 64 lanes\nrelay    none: 2 of 64 lanes\n"
        );
    }
}
