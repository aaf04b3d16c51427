//! What consumers have given up: shown, delivered again, deleted.

use deadpool_postgres::{GenericClient, Object};
use tokio_postgres::Error;

use super::clock::now_ms;
use super::{StreamId, consumer};
use crate::message::Seq;
use crate::postgres::row;
use crate::stream::rules::{LETTERS_AT_ONCE, LETTERS_LOOKED};
use crate::stream::store::{DeadLetter, Letters, Redriven, Step, Walk};

const LETTERS: &str =
    "SELECT seq, 0::smallint, id, topic, key, headers::text, payload, consumer, deliveries, reason
       FROM outbox_stream_dead WHERE stream = $1 AND ($2::text IS NULL OR consumer = $2)
      ORDER BY stream, number LIMIT $3";

const LAST: &str = "SELECT coalesce(max(number), 0) FROM outbox_stream_dead WHERE stream = $1";

/// The letters of one step, behind $4 and up to $5, and where the next one begins; NULL: nowhere.
const CHOOSE: &str = "WITH looked AS MATERIALIZED (
       SELECT number, seq, consumer FROM outbox_stream_dead
        WHERE stream = $1 AND number > $4 AND number <= $5 ORDER BY stream, number LIMIT $7
     ), chosen AS MATERIALIZED (
       SELECT number FROM looked WHERE consumer = $2 AND ($3::bigint IS NULL OR seq = $3) ORDER BY number LIMIT $6
     )
     SELECT (SELECT coalesce(array_agg(number), '{}') FROM chosen),
            CASE WHEN (SELECT count(*) FROM chosen) = $6 THEN (SELECT max(number) FROM chosen)
                 WHEN (SELECT count(*) FROM looked) = $7 THEN (SELECT max(number) FROM looked) END";

/// Only what the cursor has passed: what is before it comes anyway.
const REDRIVE: &str = "WITH chosen AS MATERIALIZED (
       SELECT d.number, d.seq, d.seq >= c.next_seq AS is_ahead, m.seq IS NULL AS is_gone
         FROM outbox_stream_consumer AS c
         JOIN outbox_stream_dead AS d ON d.number = ANY($2)
         LEFT JOIN outbox_stream_message AS m ON m.stream = d.stream AND m.seq = d.seq
        WHERE c.id = $1
     ), taken AS (
       DELETE FROM outbox_stream_dead AS d USING chosen
        WHERE d.number = chosen.number AND NOT is_ahead AND NOT is_gone RETURNING d.seq
     ), given AS (
       INSERT INTO outbox_stream_pending (consumer, seq, deliveries, handed, due_ms)
       SELECT DISTINCT $1, seq, 0, false, $3::bigint FROM taken ON CONFLICT DO NOTHING
     )
     SELECT (SELECT count(*) FROM taken), count(*) FILTER (WHERE is_gone AND NOT is_ahead),
            count(*) FILTER (WHERE is_ahead) FROM chosen";

const DISCARD: &str = "DELETE FROM outbox_stream_dead WHERE number = ANY($1)";

pub(super) async fn letters(
    client: &Object,
    stream: StreamId,
    consumer: Option<&str>,
    limit: usize,
) -> Result<Vec<DeadLetter>, Error> {
    let rows = client.query(LETTERS, &[&stream.0, &consumer, &row::number(limit)]).await?;
    let mut letters = Vec::with_capacity(rows.len());
    for row in &rows {
        let message = row::envelope(row)?.expect("it comes with its payload");
        let (consumer, deliveries, reason) = (row.get(7), row.get::<_, i64>(8), row.get(9));
        let deliveries = u32::try_from(deliveries).unwrap_or(u32::MAX);
        letters.push(DeadLetter { consumer, message, deliveries, reason });
    }
    Ok(letters)
}

async fn choose(
    tx: &impl GenericClient,
    stream: StreamId,
    consumer: &str,
    (letters, walk): (Letters, Walk),
) -> Result<(Vec<i64>, Option<Walk>), Error> {
    let upto: i64 = match walk.upto {
        Some(upto) => upto,
        None => tx.query_one(LAST, &[&stream.0]).await?.get(0),
    };
    let (at_once, looked) = (i64::from(LETTERS_AT_ONCE), i64::from(LETTERS_LOOKED));
    let row = tx
        .query_one(CHOOSE, &[&stream.0, &consumer, &place(letters), &walk.behind, &upto, &at_once, &looked])
        .await?;
    let next = row.get::<_, Option<i64>>(1).map(|behind| Walk { behind, upto: Some(upto) });
    Ok((row.get(0), next))
}

pub(super) async fn redrive(
    client: &mut Object,
    stream: StreamId,
    consumer: &str,
    which: (Letters, Walk),
    now: Option<i64>,
) -> Result<Option<Step<Redriven>>, Error> {
    let tx = client.transaction().await?;
    let Some(id) = consumer::find(&tx, stream, consumer).await? else { return Ok(None) };
    consumer::lock(&tx, id).await?;
    let now = now_ms(&tx, now).await?;
    let (chosen, next) = choose(&tx, stream, consumer, which).await?;
    let row = tx.query_one(REDRIVE, &[&id.0, &chosen, &now]).await?;
    tx.commit().await?;
    let count = |column: usize| u64::try_from(row.get::<_, i64>(column)).unwrap_or(0);
    Ok(Some(Step { done: Redriven { again: count(0), gone: count(1), ahead: count(2) }, next }))
}

pub(super) async fn discard(
    client: &mut Object,
    stream: StreamId,
    consumer: &str,
    which: (Letters, Walk),
) -> Result<Step<u64>, Error> {
    let tx = client.transaction().await?;
    let (chosen, next) = choose(&tx, stream, consumer, which).await?;
    let done = tx.execute(DISCARD, &[&chosen]).await?;
    tx.commit().await?;
    Ok(Step { done, next })
}

/// `NULL`: all of them.
fn place(letters: Letters) -> Option<i64> {
    match letters {
        Letters::All => None,
        Letters::At(Seq(seq)) => Some(seq),
    }
}
