//! What members say about their deliveries, and what follows from it.

use std::time::Duration;

use rusqlite::{Connection, OptionalExtension};

use super::clock::Now;
use crate::message::Seq;
use crate::sqlite::rows;
use crate::stream::rules::{self, millis};
use crate::stream::store::{Answer, ConsumerId, MemberId, Verdict, Word};

/// How long a message waits after which of its deliveries, as the store keeps it: milliseconds as a JSON array.
pub(super) struct Backoff(Vec<i64>);

impl Backoff {
    pub(super) fn text(delays: &[Duration]) -> String {
        let delays: Vec<i64> = delays.iter().copied().map(millis).collect();
        serde_json::to_string(&delays).expect("numbers are JSON")
    }

    fn parse(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap_or_default())
    }
}

struct Policy {
    ack_wait: i64,
    deliveries_max: u32,
    backoff: Backoff,
}

/// `true`: somebody who waits may go on now.
pub(super) fn answer(
    connection: &Connection,
    consumer: ConsumerId,
    member: MemberId,
    answers: &[Answer],
    word: &Word,
    now: Now,
) -> rusqlite::Result<bool> {
    let mut select = connection.prepare_cached(
        "SELECT ack_wait_ms, deliveries_max, backoff_ms, pending_max FROM outbox_stream_consumer WHERE id = ?1",
    )?;
    let policy = select.query_row([consumer.0], |row| {
        let backoff = Backoff::parse(row.get_ref(2)?.as_str()?);
        Ok((Policy { ack_wait: row.get(0)?, deliveries_max: row.get(1)?, backoff }, row.get::<_, i64>(3)?))
    });
    let Some((policy, pending_max)) = policy.optional()? else { return Ok(false) };
    let now = now.ms(connection)?;
    hear(connection, consumer, member, word, now.saturating_add(policy.ack_wait))?;
    let mut count =
        connection.prepare_cached("SELECT count(*) FROM outbox_stream_pending WHERE consumer = ?1")?;
    let was_full = count.query_row([consumer.0], |row| row.get::<_, i64>(0))? >= pending_max;
    let mut is_given_back = false;
    for Answer { seq, deliveries, verdict } in answers {
        match verdict {
            Verdict::Ack => forget(connection, consumer, *seq)?,
            Verdict::Term(reason) => bury(connection, consumer, *seq, reason, now)?,
            Verdict::InProgress => {
                let due = now.saturating_add(policy.ack_wait);
                postpone(connection, consumer, member, (*seq, *deliveries), (due, member.as_bytes()))?;
            }
            Verdict::Nak(delay) => {
                is_given_back = true;
                let delay = delay.unwrap_or_else(|| rules::backoff(&policy.backoff.0, *deliveries));
                let due = now.saturating_add(millis(delay));
                let is_ours = postpone(connection, consumer, member, (*seq, *deliveries), (due, NOBODY))?;
                if is_ours && rules::is_spent(*deliveries, policy.deliveries_max) {
                    bury(connection, consumer, *seq, &rules::given_back(*deliveries), now)?;
                }
            }
        }
    }
    Ok(was_full || is_given_back)
}

/// What a member says of what it has: counts what was handed out for the first time, and lets the ack wait of what was not
/// handed out end at `due`.
pub(super) fn hear(
    connection: &Connection,
    consumer: ConsumerId,
    member: MemberId,
    word: &Word,
    due: i64,
) -> rusqlite::Result<()> {
    let member: &[u8] = member.as_bytes();
    if !word.handed.is_empty() {
        let mut update = connection.prepare_cached(
            "UPDATE outbox_stream_pending SET deliveries = 1, handed = 1
              WHERE consumer = ?1 AND member = ?2 AND deliveries = 0 AND handed = 0
                AND seq IN (SELECT value FROM json_each(?3))",
        )?;
        update.execute((consumer.0, member, rows::json_array(&word.handed)))?;
    }
    if word.renews {
        let mut update = connection.prepare_cached(
            "UPDATE outbox_stream_pending SET due_ms = ?3 WHERE consumer = ?1 AND member = ?2 AND handed = 0",
        )?;
        update.execute((consumer.0, member, due))?;
    }
    Ok(())
}

/// Counts deliveries that are about to be handed out. Returns those that are still this member's.
pub(super) fn hand_out(
    connection: &Connection,
    consumer: ConsumerId,
    member: MemberId,
    deliveries: &[(Seq, u32)],
    now: Now,
) -> rusqlite::Result<Vec<Seq>> {
    let now = now.ms(connection)?;
    // With the count that it is to have: so that it can be said again.
    let mut update = connection.prepare_cached(
        "UPDATE outbox_stream_pending
            SET deliveries = ?4, handed = 1,
                due_ms = ?5 + (SELECT ack_wait_ms FROM outbox_stream_consumer WHERE id = ?1)
          WHERE consumer = ?1 AND seq = ?2 AND member = ?3 AND deliveries IN (?4 - 1, ?4)",
    )?;
    let member: &[u8] = member.as_bytes();
    let mut ours = Vec::with_capacity(deliveries.len());
    for (seq, count) in deliveries {
        if update.execute((consumer.0, seq.0, member, count, now))? == 1 {
            ours.push(*seq);
        }
    }
    Ok(ours)
}

/// Has it while it waits for its next delivery.
const NOBODY: &[u8] = &[];

/// Only for the delivery that is the last one so far: `false` for an older one.
fn postpone(
    connection: &Connection,
    consumer: ConsumerId,
    member: MemberId,
    (seq, deliveries): (Seq, u32),
    (due, owner): (i64, &[u8]),
) -> rusqlite::Result<bool> {
    let mut update = connection.prepare_cached(
        "UPDATE outbox_stream_pending SET due_ms = ?5, member = ?6
          WHERE consumer = ?1 AND seq = ?2 AND deliveries = ?3 AND member = ?4",
    )?;
    let member: &[u8] = member.as_bytes();
    Ok(update.execute((consumer.0, seq.0, deliveries, member, due, owner))? == 1)
}

/// It is done with.
pub(super) fn forget(connection: &Connection, consumer: ConsumerId, seq: Seq) -> rusqlite::Result<()> {
    let mut delete =
        connection.prepare_cached("DELETE FROM outbox_stream_pending WHERE consumer = ?1 AND seq = ?2")?;
    delete.execute((consumer.0, seq.0)).map(drop)
}

/// Makes a pending message a dead letter of its consumer.
pub(super) fn bury(
    connection: &Connection,
    consumer: ConsumerId,
    seq: Seq,
    reason: &str,
    now: i64,
) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO outbox_stream_dead
           (stream, consumer, seq, id, at_ms, topic, key, headers, payload, deliveries, reason, dead_ms)
         SELECT c.stream, c.name, m.seq, m.id, m.at_ms, m.topic, m.key, m.headers, m.payload, p.deliveries, ?3, ?4
           FROM outbox_stream_pending p
           JOIN outbox_stream_consumer c ON c.id = p.consumer
           JOIN outbox_stream_message m ON m.stream = c.stream AND m.seq = p.seq
          WHERE p.consumer = ?1 AND p.seq = ?2",
    )?;
    insert.execute((consumer.0, seq.0, rows::shortened(reason), now))?;
    forget(connection, consumer, seq)
}

/// Gives back what a member has fetched and not handed out, as if it had not had it, and counts what it has handed out.
pub(super) fn leave(
    connection: &Connection,
    consumer: ConsumerId,
    member: MemberId,
    in_hand: &[Seq],
    now: Now,
) -> rusqlite::Result<()> {
    let now = now.ms(connection)?;
    let word = Word { handed: in_hand.to_vec(), renews: false };
    hear(connection, consumer, member, &word, now)?;
    // What is handed out and in nobody's hands was counted before, and then not asked for.
    let mut update = connection.prepare_cached(
        "UPDATE outbox_stream_pending SET due_ms = ?3, deliveries = deliveries - handed, handed = 0, member = x''
          WHERE consumer = ?1 AND member = ?2 AND seq NOT IN (SELECT value FROM json_each(?4))",
    )?;
    let member: &[u8] = member.as_bytes();
    update.execute((consumer.0, member, now, rows::json_array(in_hand))).map(drop)
}
