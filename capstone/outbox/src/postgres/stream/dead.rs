//! What consumers have given up: shown, delivered again, deleted.

use deadpool_postgres::Object;
use tokio_postgres::Error;

use super::{StreamId, consumer, now_ms};
use crate::message::Seq;
use crate::postgres::fetch;
use crate::stream::store::{DeadLetter, Letters, Redriven};

const LETTERS: &str =
    "SELECT seq, 0::smallint, id, topic, key, headers::text, payload, consumer, deliveries, reason
       FROM outbox_stream_dead WHERE stream = $1 AND ($2::text IS NULL OR consumer = $2)
      ORDER BY stream, number LIMIT $3";

/// Only what the cursor has passed: what is before it comes anyway.
const REDRIVE: &str = "WITH chosen AS MATERIALIZED (
       SELECT d.number, d.seq, d.seq >= c.next_seq AS is_ahead, m.seq IS NULL AS is_gone
         FROM outbox_stream_consumer AS c
         JOIN outbox_stream_dead AS d ON d.stream = c.stream AND d.consumer = c.name
         LEFT JOIN outbox_stream_message AS m ON m.stream = d.stream AND m.seq = d.seq
        WHERE c.id = $1 AND ($2::bigint IS NULL OR d.seq = $2)
     ), taken AS (
       DELETE FROM outbox_stream_dead AS d USING chosen
        WHERE d.number = chosen.number AND NOT is_ahead AND NOT is_gone RETURNING d.seq
     ), given AS (
       INSERT INTO outbox_stream_pending (consumer, seq, deliveries, handed, due_ms)
       SELECT DISTINCT $1, seq, 0, false, $3::bigint FROM taken ON CONFLICT DO NOTHING
     )
     SELECT (SELECT count(*) FROM taken), count(*) FILTER (WHERE is_gone AND NOT is_ahead),
            count(*) FILTER (WHERE is_ahead) FROM chosen";

const DISCARD: &str = "DELETE FROM outbox_stream_dead
      WHERE stream = $1 AND consumer = $2 AND ($3::bigint IS NULL OR seq = $3)";

pub(super) async fn letters(
    client: &Object,
    stream: StreamId,
    consumer: Option<&str>,
    limit: usize,
) -> Result<Vec<DeadLetter>, Error> {
    let rows = client.query(LETTERS, &[&stream.0, &consumer, &fetch::number(limit)]).await?;
    let mut letters = Vec::with_capacity(rows.len());
    for row in &rows {
        let message = fetch::envelope(row)?.expect("it comes with its payload");
        let (consumer, deliveries, reason) = (row.get(7), row.get::<_, i64>(8), row.get(9));
        let deliveries = u32::try_from(deliveries).unwrap_or(u32::MAX);
        letters.push(DeadLetter { consumer, message, deliveries, reason });
    }
    Ok(letters)
}

pub(super) async fn redrive(
    client: &mut Object,
    stream: StreamId,
    consumer: &str,
    letters: Letters,
    now: Option<i64>,
) -> Result<Option<Redriven>, Error> {
    let tx = client.transaction().await?;
    let Some(id) = consumer::find(&tx, stream, consumer).await? else { return Ok(None) };
    consumer::lock(&tx, id).await?;
    let now = now_ms(&tx, now).await?;
    let row = tx.query_one(REDRIVE, &[&id.0, &place(letters), &now]).await?;
    tx.commit().await?;
    let count = |column: usize| u64::try_from(row.get::<_, i64>(column)).unwrap_or(0);
    Ok(Some(Redriven { again: count(0), gone: count(1), ahead: count(2) }))
}

pub(super) async fn discard(
    client: &Object,
    stream: StreamId,
    consumer: &str,
    letters: Letters,
) -> Result<u64, Error> {
    client.execute(DISCARD, &[&stream.0, &consumer, &place(letters)]).await
}

/// `NULL`: all of them.
fn place(letters: Letters) -> Option<i64> {
    match letters {
        Letters::All => None,
        Letters::At(Seq(seq)) => Some(seq),
    }
}
