//! What members say about their deliveries, and what follows from it.

use deadpool_postgres::{GenericClient, Object};
use tokio_postgres::Error;
use uuid::Uuid;

use super::clock::now_ms;
use super::consumer;
use crate::message::Seq;
use crate::postgres::columns::uuid;
use crate::postgres::settle::{numbers, shortened};
use crate::stream::rules::{self, millis};
use crate::stream::store::{Answer, ConsumerId, MemberId, Verdict, Word};

/// Needs no lock: done is done, and what was handed out meanwhile is counted unless somebody is just writing it. All parts see
/// what was there before. `true`: there was no room for more.
const ACK: &str = "WITH done AS (DELETE FROM outbox_stream_pending WHERE consumer = $1 AND seq = ANY($2)),
     handed AS (
       UPDATE outbox_stream_pending SET deliveries = 1, handed = true
        WHERE consumer = $1 AND seq IN (
          SELECT seq FROM outbox_stream_pending
           WHERE consumer = $1 AND member = $4 AND deliveries = 0 AND NOT handed AND seq = ANY($3)
             FOR UPDATE SKIP LOCKED)
     )
     SELECT (SELECT count(*) FROM outbox_stream_pending WHERE consumer = $1) >= pending_max
       FROM outbox_stream_consumer WHERE id = $1";

const POLICY: &str =
    "SELECT ack_wait_ms, deliveries_max, backoff_ms FROM outbox_stream_consumer WHERE id = $1";

/// Only for the delivery that is the last one so far.
const POSTPONE: &str = "UPDATE outbox_stream_pending SET due_ms = $5, member = $6
      WHERE consumer = $1 AND seq = $2 AND deliveries = $3 AND member = $4";

/// What was handed out for the first time is counted.
const HANDED: &str = "UPDATE outbox_stream_pending SET deliveries = 1, handed = true
      WHERE consumer = $1 AND member = $2 AND deliveries = 0 AND NOT handed AND seq = ANY($3)";

/// What is just being acknowledged or counted, without the consumer's lock, is passed over.
const RENEW: &str = "UPDATE outbox_stream_pending SET due_ms = $3
      WHERE consumer = $1 AND seq IN (
        SELECT seq FROM outbox_stream_pending WHERE consumer = $1 AND member = $2 AND NOT handed
           FOR UPDATE SKIP LOCKED)";

/// With the count that each is to have, so that it can be said again.
const HAND_OUT: &str = "UPDATE outbox_stream_pending AS p
        SET deliveries = given.deliveries, handed = true, due_ms = $5 + c.ack_wait_ms
       FROM outbox_stream_consumer AS c, unnest($3::bigint[], $4::bigint[]) AS given (seq, deliveries)
      WHERE c.id = $1 AND p.consumer = $1 AND p.seq = given.seq AND p.member = $2
        AND p.deliveries IN (given.deliveries - 1, given.deliveries)
     RETURNING p.seq";

/// As if it had not had it. What is handed out and in nobody's hands was counted before, and then not asked for.
const LEAVE: &str = "UPDATE outbox_stream_pending
        SET due_ms = $3, deliveries = deliveries - handed::int, handed = false, member = NULL
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
    word: &Word,
    now: Option<i64>,
) -> Result<bool, Error> {
    let is_ack = |answer: &Answer| answer.verdict == Verdict::Ack;
    let acks: Vec<Seq> = answers.iter().filter(|answer| is_ack(answer)).map(|answer| answer.seq).collect();
    if acks.len() == answers.len() && !word.renews {
        return ack(client, id, member, &acks, &word.handed).await;
    }
    let tx = client.transaction().await?;
    consumer::lock(&tx, id).await?;
    let mut may_go_on = ack(&tx, id, member, &acks, &word.handed).await?;
    let policy = tx.query_opt(&tx.prepare_cached(POLICY).await?, &[&id.0]).await?;
    let Some(policy) = policy else { return Ok(false) };
    let (ack_wait, deliveries_max): (i64, u32) = (policy.get(0), consumer::count(policy.get(1)));
    let backoff: Vec<i64> = policy.get(2);
    let now = now_ms(&tx, now).await?;
    hear(&tx, id, member, word, now.saturating_add(ack_wait)).await?;
    let member = uuid(member);
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
                if is_ours && rules::is_spent(*deliveries, deliveries_max) {
                    bury(&tx, id, *seq, &rules::given_back(*deliveries), now).await?;
                }
            }
        }
    }
    tx.commit().await?;
    Ok(may_go_on)
}

async fn ack(
    client: &impl GenericClient,
    id: ConsumerId,
    member: MemberId,
    acks: &[Seq],
    handed: &[Seq],
) -> Result<bool, Error> {
    let ack = client.prepare_cached(ACK).await?;
    let was_full = client.query_opt(&ack, &[&id.0, &numbers(acks), &numbers(handed), &uuid(member)]).await?;
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

/// What a member says of what it has; the ack wait of what it has not handed out is to end at `due`.
pub(super) async fn hear(
    tx: &impl GenericClient,
    id: ConsumerId,
    member: MemberId,
    word: &Word,
    due: i64,
) -> Result<(), Error> {
    let member = uuid(member);
    if !word.handed.is_empty() {
        let handed = tx.prepare_cached(HANDED).await?;
        tx.execute(&handed, &[&id.0, &member, &numbers(&word.handed)]).await?;
    }
    if word.renews {
        let renew = tx.prepare_cached(RENEW).await?;
        tx.execute(&renew, &[&id.0, &member, &due]).await?;
    }
    Ok(())
}

/// Counts deliveries that are about to be handed out. Returns those that are still this member's.
pub(super) async fn hand_out(
    client: &mut Object,
    id: ConsumerId,
    member: MemberId,
    deliveries: &[(Seq, u32)],
    now: Option<i64>,
) -> Result<Vec<Seq>, Error> {
    let tx = client.transaction().await?;
    consumer::lock(&tx, id).await?;
    let now = now_ms(&tx, now).await?;
    let (seqs, counts): (Vec<i64>, Vec<i64>) =
        deliveries.iter().map(|(seq, count)| (seq.0, i64::from(*count))).unzip();
    let hand_out = tx.prepare_cached(HAND_OUT).await?;
    let ours = tx.query(&hand_out, &[&id.0, &uuid(member), &seqs, &counts, &now]).await?;
    tx.commit().await?;
    Ok(ours.iter().map(|row| Seq(row.get(0))).collect())
}

/// Gives back what a member has fetched and not handed out, and counts what it has handed out.
pub(super) async fn leave(
    client: &mut Object,
    id: ConsumerId,
    member: MemberId,
    in_hand: &[Seq],
    now: Option<i64>,
) -> Result<(), Error> {
    let tx = client.transaction().await?;
    consumer::lock(&tx, id).await?;
    let now = now_ms(&tx, now).await?;
    let word = Word { handed: in_hand.to_vec(), renews: false };
    hear(&tx, id, member, &word, now).await?;
    let leave = tx.prepare_cached(LEAVE).await?;
    tx.execute(&leave, &[&id.0, &uuid(member), &now, &numbers(in_hand)]).await?;
    tx.commit().await
}
