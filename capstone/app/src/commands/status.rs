//! `capstone status`: what waits, what is held, what was given up.

use std::time::Duration;

use capstone_outbox::sqlite::SqliteStore;
use capstone_outbox::store::Status;

use crate::Exit;
use crate::cli;

/// Runs the command.
///
/// # Errors
/// The file is missing, or is no database with our tables.
pub async fn run(options: cli::Status) -> anyhow::Result<Exit> {
    let status = SqliteStore::open_existing(&options.db.path)?.status().await?;
    if options.json {
        println!("{}", serde_json::to_string(&status)?);
    } else {
        print!("{}", text(&status));
    }
    Ok(Exit::Done)
}

fn text(status: &Status) -> String {
    let oldest = status.oldest_ms.map(|ms| format!("  oldest {:?} ago", Duration::from_millis(ms)));
    let mut text = format!("pending  {}{}\n", status.pending, oldest.unwrap_or_default());
    text += &format!("held     {}\ndead     {}\n", status.held, status.dead);
    text += &format!("relay    {}\n", status.owner.as_deref().unwrap_or("none"));
    for key in &status.keys {
        let times = if key.attempts == 1 { "attempt" } else { "attempts" };
        text += &format!("  {} {}: {} {times}, last: {}\n", key.state, key.key, key.attempts, key.error);
    }
    text
}

#[cfg(test)]
mod tests {
    use capstone_outbox::store::KeyStatus;

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
            owner: Some("pid 7".into()),
            keys: vec![key],
        };
        let expected = "pending  3  oldest 1.5s ago\nheld     2\ndead     1\nrelay    pid 7\n  \
                        parked order-7: 10 attempts, last: permanent: too large\n";
        assert_eq!(text(&status), expected);
    }
}
