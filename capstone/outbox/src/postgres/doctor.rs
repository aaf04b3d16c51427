//! Examines a database that may be anything but well: the server here, then its `sessions`, then our `tables`.

mod sessions;
mod tables;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::{Instant, timeout};
use tokio_postgres::config::TargetSessionAttrs;
use tokio_postgres::{Client, Error, Row};

use super::failure::words;
use super::schema;
use super::target::Target;
use crate::doctor::{Finding, ended, fit, round_trip};
use crate::store::StoreError;

/// A database in the same building answers sooner.
const SLOW: Duration = Duration::from_millis(5);

/// After this long without an answer there is none; each statement ends before.
const ANSWER: Duration = Duration::from_secs(30);
const SETTINGS: [(&str, &str); 1] = [("statement_timeout", "20s")];

/// Oldest version that PostgreSQL's makers look after.
const VERSION_MIN: i32 = 140_000;

const SERVER: &str = "SELECT current_setting('server_version'), current_setting('server_version_num')::int,
    current_setting('transaction_read_only')::bool, current_setting('fsync'), current_setting('synchronous_commit')";

/// What the database's clock says, in milliseconds since 1970.
const CLOCK: &str = "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8";

impl Target {
    /// Looks at everything that is known to go wrong with such a database. Changes nothing in it.
    ///
    /// What cannot be reached or read is a finding, too.
    ///
    /// # Cancel safety
    /// Reads only.
    pub async fn examine(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let reason = match self.patient().await {
            Err(error) => error.to_string(),
            Ok(client) => match timeout(ANSWER, examine(self, &client, &mut findings)).await {
                Ok(Ok(())) => return findings,
                Ok(Err(error)) => words(&error),
                Err(_) => self.silent().to_string(),
            },
        };
        findings.push(ended(&findings, reason));
        findings
    }

    /// Also a session that a relay would refuse, because it cannot write.
    async fn patient(&self) -> Result<Client, StoreError> {
        let mut target = self.with_settings(&SETTINGS);
        match target.client().await {
            Ok(client) => Ok(client),
            Err(error) => {
                target.address.config.target_session_attrs(TargetSessionAttrs::Any);
                target.client().await.map_err(|_| error)
            }
        }
    }
}

async fn examine(target: &Target, client: &Client, findings: &mut Vec<Finding>) -> Result<(), Error> {
    // The first answer waits for the session's start.
    client.batch_execute("SELECT 1").await?;
    let asked = Instant::now();
    client.batch_execute("SELECT 1").await?;
    findings.push(round_trip(asked.elapsed(), SLOW));
    findings.push(sessions::pooler(target, client).await);
    findings.extend(server(&client.query_one(SERVER, &[]).await?));
    findings.push(clock(apart_ms(client).await?));
    findings.extend(sessions::examine(client).await?);
    let found = schema::inspect(client).await?;
    let migrate = "run `capstone migrate` with the same --db".to_owned();
    findings.push(fit(found.as_ref(), schema::VERSION, migrate));
    if found.is_some_and(|tables| tables.is_usable()) {
        tables::examine(client, findings).await?;
    }
    Ok(())
}

fn server(row: &Row) -> [Finding; 4] {
    let (fsync, commit): (String, String) = (row.get(3), row.get(4));
    [
        version(row.get(1), row.get(0)),
        if row.get(2) {
            let meaning = "this server takes no writes: it is a standby, or this user may only read";
            Finding::problem(
                "primary",
                meaning,
                "give the address of the primary; see default_transaction_read_only",
            )
        } else {
            Finding::ok("primary", "this server takes writes")
        },
        if fsync == "off" {
            let meaning = "off: a power cut damages the whole database";
            Finding::problem("fsync", meaning, "set fsync = on, and start the server again")
        } else {
            Finding::ok("fsync", fsync)
        },
        if commit == "off" {
            let meaning = "off: a crash of the server forgets commits whose messages have been delivered";
            let advice = "set synchronous_commit = on, at least for the applications that enqueue";
            Finding::problem("synchronous_commit", meaning, advice)
        } else {
            let meaning = format!(
                "{commit} in this session; what an application sets in its own cannot be seen from here"
            );
            Finding::ok("synchronous_commit", meaning)
        },
    ]
}

fn version(number: i32, version: &str) -> Finding {
    if number >= VERSION_MIN {
        return Finding::ok("PostgreSQL", version);
    }
    let meaning = format!("{version}: its makers mend nothing in it any more");
    Finding::warning("PostgreSQL", meaning, "use version 14 or newer")
}

#[expect(clippy::disallowed_methods, reason = "the wall clock of this machine is what is compared")]
async fn apart_ms(client: &Client) -> Result<f64, Error> {
    let before = SystemTime::now();
    let there_ms: f64 = client.query_one(CLOCK, &[]).await?.get(0);
    let after = SystemTime::now();
    let millis =
        |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1_000.0;
    // It was read at some moment in between.
    Ok((millis(before) - there_ms).max(there_ms - millis(after)).max(0.0))
}

fn clock(apart_ms: f64) -> Finding {
    let meaning = format!("{apart_ms:.0} ms between the database's and this machine's");
    if apart_ms < 1_000.0 {
        return Finding::ok("clock", meaning);
    }
    let meaning =
        format!("{meaning}: no lease depends on it, but times in logs and tables do not fit together");
    Finding::warning("clock", meaning, "let both machines keep time by NTP")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    #[test]
    fn what_a_test_cannot_bring_about_is_a_warning() {
        let cases =
            [(version(VERSION_MIN, "14.0"), version(130_099, "13.99")), (clock(999.0), clock(1_000.0))];
        for (fine, bad) in cases {
            assert_eq!((fine.level, bad.level), (Level::Ok, Level::Warning), "{}", bad.check);
        }
    }
}
