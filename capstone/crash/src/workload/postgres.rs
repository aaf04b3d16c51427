//! The application on PostgreSQL, in a language of its own: SQL. Several transactions at once, which commit in another
//! order than they enqueue, stay open for a while, are rolled back or lose their connection.

use std::time::Duration;

use fastrand::Rng;
use futures::future::try_join_all;
use tokio::time::sleep;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error, Transaction};

use super::{Application, Draft, Ledger, Pace};
use crate::place::PostgresPlace;
use crate::written::Told;

const SESSIONS: usize = 3;
/// How long a transaction may stay open behind each of its statements.
const OPEN_MAX_MS: u64 = 40;
/// Headers are a map of strings to us, and any object to PostgreSQL: only a sink that reads them cannot publish this.
const POISON: &str = r#"{"a":1}"#;

/// By the locks' order, as everybody does who enqueues several keys at once.
const ENQUEUE: &str = "SELECT outbox_enqueue(topic, key, payload, headers::json, id::uuid)
     FROM (SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[])
             WITH ORDINALITY AS draft (id, topic, key, headers, payload, place)
            ORDER BY hashtextextended(key, 4711), place OFFSET 0) AS sorted";

pub(super) async fn run(mut application: Application, place: &PostgresPlace) -> anyhow::Result<Ledger> {
    let mut shares: Vec<Vec<(usize, Vec<Draft>)>> = vec![Vec::new(); SESSIONS];
    for (position, drafts) in application.transactions.into_iter().enumerate() {
        shares[position % SESSIONS].push((position, drafts));
    }
    let sessions =
        shares.into_iter().map(|share| session(share, place, application.pace, application.random.fork()));
    Ok(try_join_all(sessions).await?.into_iter().flatten().collect())
}

async fn session(
    share: Vec<(usize, Vec<Draft>)>,
    place: &PostgresPlace,
    pace: Pace,
    mut random: Rng,
) -> anyhow::Result<Ledger> {
    let mut ledger = Ledger::new();
    let mut kept: Option<Client> = None;
    for (position, mut drafts) in share {
        // One statement with several keys, or several with one key: neither can deadlock.
        let at_once = if pace == Pace::Brisk || random.bool() { drafts.len() } else { 1 };
        if at_once == 1 {
            let key = drafts[0].key.clone();
            drafts
                .iter_mut()
                .skip(1)
                .filter(|draft| draft.key.is_some())
                .for_each(|draft| draft.key.clone_from(&key));
        }
        let client = match kept.take() {
            Some(client) => Ok(client),
            None => place.open().await,
        };
        let told = match client {
            Ok(mut client) => {
                let told =
                    transact(&mut client, &drafts, at_once, (position % 2 == 0, pace), &mut random).await?;
                // Now and then the connection is lost together with the transaction.
                kept = (told == Told::Committed || random.bool()).then_some(client);
                told
            }
            Err(error) if is_of_dead_server(&error) => Told::RolledBack,
            Err(error) => return Err(error.into()),
        };
        drafts.iter().for_each(|draft| draft.note(&mut ledger, told));
    }
    Ok(ledger)
}

async fn transact(
    client: &mut Client,
    drafts: &[Draft],
    at_once: usize,
    (is_kept, pace): (bool, Pace),
    random: &mut Rng,
) -> Result<Told, Error> {
    // Whatever fails before the commit, nothing is committed.
    let begun = async {
        let tx = client.transaction().await?;
        for part in drafts.chunks(at_once) {
            enqueue(&tx, part).await?;
            if pace == Pace::Leisurely && random.bool() {
                sleep(Duration::from_millis(random.u64(..OPEN_MAX_MS))).await;
            }
        }
        Ok::<_, Error>(tx)
    };
    let tx = match begun.await {
        Ok(tx) => tx,
        Err(error) if is_of_dead_server(&error) => return Ok(Told::RolledBack),
        // A number that is taken, where somebody made them begin again: the application has been told.
        Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => return Ok(Told::RolledBack),
        Err(error) => return Err(error),
    };
    if !is_kept {
        // Dropped with its connection or before the next statement, it is rolled back.
        return Ok(Told::RolledBack);
    }
    match tx.commit().await {
        Ok(()) => Ok(Told::Committed),
        Err(error) if is_of_dead_server(&error) => Ok(Told::Nothing),
        Err(error) => Err(error),
    }
}

async fn enqueue(tx: &Transaction<'_>, drafts: &[Draft]) -> Result<(), Error> {
    let ids: Vec<String> = drafts.iter().map(|draft| draft.id.to_string()).collect();
    let topics: Vec<&str> = drafts.iter().map(|draft| draft.topic).collect();
    let keys: Vec<Option<&str>> = drafts.iter().map(|draft| draft.key.as_deref()).collect();
    let headers: Vec<String> = drafts.iter().map(headers).collect();
    let payloads: Vec<&[u8]> = drafts.iter().map(|draft| &draft.payload[..]).collect();
    tx.execute(ENQUEUE, &[&ids, &topics, &keys, &headers, &payloads]).await.map(drop)
}

fn headers(draft: &Draft) -> String {
    if draft.is_poison { POISON.to_owned() } else { serde_json::json!({ "note": draft.note }).to_string() }
}

/// The server was killed: it said so, or says nothing any more, or is not there yet.
fn is_of_dead_server(error: &Error) -> bool {
    let is_io = || std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>());
    match error.code() {
        Some(code) => code.code().starts_with("57P"),
        None => error.is_closed() || is_io(),
    }
}
