//! What members say about their deliveries, and what follows from it.

use deadpool_postgres::{GenericClient, Object};
use tokio_postgres::Error;
use uuid::Uuid;

use super::{consumer, now_ms};
use crate::message::Seq;
use crate::postgres::columns::uuid;
use crate::postgres::settle::{numbers, shortened};
use crate::stream::rules::{self, millis};
use crate::stream::store::{Answer, ConsumerId, MemberId, Verdict};

/// Needs no lock: done is done. All parts see what was there before. `true`: there was no room for more.
const ACK: &str = "WITH done AS (DELETE FROM outbox_stream_pending WHERE consumer = $1 AND seq = ANY($2))
     SELECT (SELECT count(*) FROM outbox_stream_pending WHERE consumer = $1) >= pending_max
       FROM outbox_stream_consumer WHERE id = $1";

const POLICY: &str =
    "SELECT ack_wait_ms, deliveries_max, backoff_ms FROM outbox_stream_consumer WHERE id = $1";

/// Only for the delivery that is the last one so far.
const POSTPONE: &str = "UPDATE outbox_stream_pending SET due_ms = $5, member = $6
      WHERE consumer = $1 AND seq = $2 AND deliveries = $3 AND member = $4";

/// As if it had not been delivered.
const LEAVE: &str = "UPDATE outbox_stream_pending SET due_ms = $3, deliveries = deliveries - 1, member = NULL
      WHERE consumer = $1 AND member = $2 AND seq <> ALL($4)";

const BURY: &str = "WITH buried AS (
       DELETE FROM outbox_stream_pending WHERE consumer = $1 AND seq = $2 RETURNING consumer, seq, deliveries
     )
     INSERT INTO outbox_stream_dead
       (stream, consumer, seq, id, at_ms, topic, key, headers, payload, deliveries, reason, dead_ms)
     SELECT c.stream, c.name, m.seq, m.id, m.at_ms, m.topic, m.key, m.headers, m.payload, p.deliveries, $3, $4
       FROM buried AS p
       JOIN outbox_stream_consumer AS c ON c.id = p.consumer
       JOIN outbox_stream_message AS m ON m.stream = c.stream AND m.seq = p.seq";

/// `true`: somebody who waits may go on now.
pub(super) async fn answer(
    client: &mut Object,
    id: ConsumerId,
    member: MemberId,
    answers: &[Answer],
    now: Option<i64>,
) -> Result<bool, Error> {
    let is_ack = |answer: &Answer| answer.verdict == Verdict::Ack;
    let acks: Vec<Seq> = answers.iter().filter(|answer| is_ack(answer)).map(|answer| answer.seq).collect();
    if acks.len() == answers.len() {
        return ack(client, id, &acks).await;
    }
    let tx = client.transaction().await?;
    let member = uuid(member);
    consumer::lock(&tx, id).await?;
    let mut may_go_on = ack(&tx, id, &acks).await?;
    let policy = tx.query_opt(&tx.prepare_cached(POLICY).await?, &[&id.0]).await?;
    let Some(policy) = policy else { return Ok(false) };
    let (ack_wait, deliveries_max): (i64, i64) = (policy.get(0), policy.get(1));
    let backoff: Vec<i64> = policy.get(2);
    let now = now_ms(&tx, now).await?;
    for Answer { seq, deliveries, verdict } in answers {
        let delivery = (*seq, i64::from(*deliveries));
        match verdict {
            Verdict::Ack => {}
            Verdict::Term(reason) => bury(&tx, id, *seq, reason, now).await?,
            Verdict::InProgress => {
                let due = now.saturating_add(ack_wait);
                postpone(&tx, id, member, delivery, (due, Some(member))).await?;
            }
            Verdict::Nak(delay) => {
                may_go_on = true;
                let delay = delay.unwrap_or_else(|| rules::backoff(&backoff, *deliveries));
                let due = now.saturating_add(millis(delay));
                let is_ours = postpone(&tx, id, member, delivery, (due, None)).await?;
                if is_ours && delivery.1 >= deliveries_max {
                    bury(&tx, id, *seq, &rules::given_back(*deliveries), now).await?;
                }
            }
        }
    }
    tx.commit().await?;
    Ok(may_go_on)
}

async fn ack(client: &impl GenericClient, id: ConsumerId, acks: &[Seq]) -> Result<bool, Error> {
    let ack = client.prepare_cached(ACK).await?;
    let was_full = client.query_opt(&ack, &[&id.0, &numbers(acks)]).await?;
    Ok(was_full.is_some_and(|row| row.get(0)))
}

/// `false` for a delivery that is not the last one any more.
async fn postpone(
    tx: &impl GenericClient,
    id: ConsumerId,
    member: Uuid,
    (seq, deliveries): (Seq, i64),
    (due, owner): (i64, Option<Uuid>),
) -> Result<bool, Error> {
    let update = tx.prepare_cached(POSTPONE).await?;
    Ok(tx.execute(&update, &[&id.0, &seq.0, &deliveries, &member, &due, &owner]).await? == 1)
}

/// Makes a pending message a dead letter of its consumer.
pub(super) async fn bury(
    tx: &impl GenericClient,
    id: ConsumerId,
    seq: Seq,
    reason: &str,
    now: i64,
) -> Result<(), Error> {
    let bury = tx.prepare_cached(BURY).await?;
    tx.execute(&bury, &[&id.0, &seq.0, &shortened(reason), &now]).await.map(drop)
}

/// Gives back what a member has taken and not handed out.
pub(super) async fn leave(
    client: &Object,
    id: ConsumerId,
    member: MemberId,
    in_hand: &[Seq],
    now: Option<i64>,
) -> Result<(), Error> {
    let now = now_ms(client, now).await?;
    let leave = client.prepare_cached(LEAVE).await?;
    client.execute(&leave, &[&id.0, &uuid(member), &now, &numbers(in_hand)]).await.map(drop)
}
