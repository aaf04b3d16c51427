//! The operator's side of the store: dead letters, and keys in trouble.

use deadpool_postgres::Object;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row};
use uuid::Uuid;

use super::commands::{self, ident, millis};
use super::settle::kind_and_name;
use super::status::unsigned;
use super::{PostgresStore, row};
use crate::message::{Ident, MessageId, Seq};
use crate::operations::{
    Answer, CommandId, DeadLetter, Filter, HELD_MAX, LOOKED_MAX, Operations, PAGE_BYTES_MAX, PENDING_MAX,
    Page, Pause, Recorded, Requeued, Sort, Troubled, Verb,
};
use crate::store::StoreError;

/// Dead letters that one transaction moves: whoever enqueues for one of their keys waits for it.
const MOVED_AT_ONCE: usize = 200;

/// Dead letters that one transaction deletes.
const DELETED_AT_ONCE: usize = 1_000;

/// In the order in which everybody locks keys. Each call locks its own.
const ENQUEUE: &str =
    "SELECT outbox_enqueue(message.topic, message.key, message.payload, message.headers::json, message.id)
       FROM (SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bytea[])
               WITH ORDINALITY AS message (id, topic, key, headers, payload, place)
              ORDER BY hashtextextended(key, 4711), place) AS message";

impl Operations for PostgresStore {
    async fn dead_letters(&self, filter: &Filter, page: Page) -> Result<Vec<DeadLetter>, StoreError> {
        let lent = self.lend().await?;
        let letters = self.answered(dead_letters(&lent, filter, page)).await?;
        lent.give_back();
        Ok(letters)
    }

    async fn requeue_telling(
        &self,
        filter: &Filter,
        told: &(dyn Fn(u64) + Sync),
    ) -> Result<Requeued, StoreError> {
        let lent = self.lend().await?;
        let (upto, pending) = self.answered(pending_ids(&lent, filter)).await?;
        lent.give_back();
        let mut requeued = Requeued { count: 0, pending };
        let mut behind = Seq(i64::MIN);
        loop {
            let mut lent = self.lend().await?;
            let step = self.answered(requeue(&mut lent, filter, behind, upto)).await?;
            lent.give_back();
            self.committed();
            requeued.count += step.done;
            told(requeued.count);
            match step.behind {
                Some(last) => behind = last,
                None => return Ok(requeued),
            }
        }
    }

    async fn discard_telling(&self, filter: &Filter, told: &(dyn Fn(u64) + Sync)) -> Result<u64, StoreError> {
        let lent = self.lend().await?;
        let upto = self.answered(last(&lent)).await?;
        lent.give_back();
        let (mut behind, mut discarded) = (Seq(i64::MIN), 0);
        loop {
            let mut lent = self.lend().await?;
            let step = self.answered(discard(&mut lent, filter, behind, upto)).await?;
            lent.give_back();
            discarded += step.done;
            told(discarded);
            match step.behind {
                Some(last) => behind = last,
                None => return Ok(discarded),
            }
        }
    }

    async fn troubled(&self, behind: Option<&Ident>, limit: usize) -> Result<Vec<Troubled>, StoreError> {
        let lent = self.lend().await?;
        let found = self.answered(troubled(&lent, behind, limit)).await?;
        lent.give_back();
        Ok(found)
    }

    async fn command(&self, ident: &Ident, verb: Verb, by: &str) -> Result<Recorded, StoreError> {
        let lent = self.lend().await?;
        let recorded = self.answered(commands::record(&lent, ident, verb, by)).await?;
        lent.give_back();
        Ok(recorded)
    }

    async fn answer(&self, command: CommandId) -> Result<Option<Answer>, StoreError> {
        let lent = self.lend().await?;
        let answer = self.answered(commands::answered(&lent, command)).await?;
        lent.give_back();
        Ok(answer)
    }

    async fn pause(&self, by: &str) -> Result<Pause, StoreError> {
        let lent = self.lend().await?;
        let pause = self.answered(commands::pause(&lent, by)).await?;
        lent.give_back();
        Ok(pause)
    }

    async fn resume(&self) -> Result<Option<Pause>, StoreError> {
        let lent = self.lend().await?;
        let pause = self.answered(commands::resume(&lent)).await?;
        lent.give_back();
        Ok(pause)
    }
}

type Values = Vec<Box<dyn ToSql + Sync + Send>>;

/// As SQL, with its values in order.
fn conditions(filter: &Filter) -> (String, Values) {
    let (mut conditions, mut values) = ("true".to_owned(), Values::new());
    let mut add = |column: &str, value: Box<dyn ToSql + Sync + Send>| {
        values.push(value);
        conditions += &format!(" AND outbox_dead.{column} = ${}", values.len());
    };
    if let Some(id) = filter.id {
        add("id", Box::new(Uuid::from_bytes(*id.as_bytes())));
    }
    if let Some(topic) = filter.topic.clone() {
        add("topic", Box::new(topic));
    }
    if let Some(key) = filter.key.clone() {
        add("key", Box::new(key));
    }
    (conditions, values)
}

async fn query(
    client: &impl deadpool_postgres::GenericClient,
    sql: &str,
    values: &Values,
) -> Result<Vec<Row>, Error> {
    let values: Vec<&(dyn ToSql + Sync)> =
        values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
    client.query(sql, &values).await
}

async fn dead_letters(client: &Object, filter: &Filter, page: Page) -> Result<Vec<DeadLetter>, Error> {
    let (conditions, values) = conditions(filter);
    let (beyond, sort) = match page.sort {
        Sort::Newest => ("<", "DESC"),
        Sort::Oldest => (">", "ASC"),
    };
    let behind = page.behind.map(|behind| format!(" AND seq {beyond} {behind}")).unwrap_or_default();
    // The sizes first: what exceeds the page is not even sent.
    let sql = format!(
        "WITH page AS (
           SELECT *, sum(octet_length(payload)) OVER (ORDER BY seq {sort}) - octet_length(payload) AS before
             FROM (SELECT * FROM outbox_dead WHERE {conditions}{behind} ORDER BY seq {sort} LIMIT {limit}) AS page
         )
         SELECT seq, 0::smallint, id, topic, key, headers::text, payload, attempts, error,
                (extract(epoch FROM clock_timestamp()) - extract(epoch FROM created_at))::float8,
                (extract(epoch FROM clock_timestamp()) - extract(epoch FROM dead_at))::float8
           FROM page WHERE before < {PAGE_BYTES_MAX} ORDER BY seq {sort}",
        limit = page.limit
    );
    query(client, &sql, &values).await?.iter().filter_map(|row| dead_letter(row).transpose()).collect()
}

fn dead_letter(row: &Row) -> Result<Option<DeadLetter>, Error> {
    let Some(envelope) = row::envelope(row)? else { return Ok(None) };
    Ok(Some(DeadLetter {
        envelope,
        attempts: unsigned(row.get::<_, i32>(7)),
        error: row.get(8),
        age_ms: millis(row.get(9)),
        dead_for_ms: millis(row.get(10)),
    }))
}

/// The last dead letter by now.
async fn last(client: &Object) -> Result<Seq, Error> {
    Ok(Seq(client.query_one("SELECT coalesce(max(seq), 0) FROM outbox_dead", &[]).await?.get(0)))
}

/// The last dead letter by now, and what stays because a message with its id waits. An application that inserts rows by
/// itself may bring that about.
async fn pending_ids(client: &Object, filter: &Filter) -> Result<(Seq, Vec<MessageId>), Error> {
    let last = last(client).await?;
    let (conditions, values) = conditions(filter);
    let sql = format!(
        "SELECT outbox_dead.id FROM outbox_dead JOIN outbox USING (id) WHERE {conditions}
          ORDER BY outbox_dead.seq LIMIT {PENDING_MAX}"
    );
    let ids = query(client, &sql, &values)
        .await?
        .iter()
        .map(|row| MessageId::from(row.get::<_, Uuid>(0)))
        .collect();
    Ok((last, ids))
}

/// What one step has done, and behind which dead letter the next one begins; `None`: it was the last.
struct Step {
    done: u64,
    behind: Option<Seq>,
}

/// Dead letters behind this one that the filter and `also` let pass, at most `limit`, and where the next step begins.
async fn choose(
    client: &impl deadpool_postgres::GenericClient,
    (filter, also): (&Filter, &str),
    (behind, upto): (Seq, Seq),
    limit: usize,
) -> Result<(Vec<i64>, Option<Seq>), Error> {
    let (conditions, values) = conditions(filter);
    let sql = format!(
        "WITH looked AS MATERIALIZED (
           SELECT seq, id, topic, key FROM outbox_dead WHERE seq > {behind} AND seq <= {upto} ORDER BY seq LIMIT {LOOKED_MAX}
         ), chosen AS MATERIALIZED (
           SELECT seq FROM looked AS outbox_dead WHERE {conditions} AND {also} ORDER BY seq LIMIT {limit}
         )
         SELECT (SELECT coalesce(array_agg(seq ORDER BY seq), '{{}}') FROM chosen),
                CASE WHEN (SELECT count(*) FROM chosen) = {limit} THEN (SELECT max(seq) FROM chosen) ELSE (SELECT max(seq) FROM looked) END"
    );
    let rows = query(client, &sql, &values).await?;
    let chosen = rows.first().expect("it is about all of them");
    Ok((chosen.get(0), chosen.get::<_, Option<i64>>(1).map(Seq)))
}

async fn requeue(client: &mut Object, filter: &Filter, behind: Seq, upto: Seq) -> Result<Step, Error> {
    let waits_not = "NOT EXISTS (SELECT FROM outbox WHERE outbox.id = outbox_dead.id)";
    let tx = client.transaction().await?;
    let (chosen, next) = choose(&tx, (filter, waits_not), (behind, upto), MOVED_AT_ONCE).await?;
    let take =
        "DELETE FROM outbox_dead WHERE seq = ANY($1) RETURNING seq, id, topic, key, headers::text, payload";
    let mut rows = tx.query(take, &[&chosen]).await?;
    rows.sort_by_key(|row| row.get::<_, i64>(0));
    let ids: Vec<Uuid> = rows.iter().map(|row| row.get(1)).collect();
    let topics: Vec<&str> = rows.iter().map(|row| row.get(2)).collect();
    let keys: Vec<Option<&str>> = rows.iter().map(|row| row.get(3)).collect();
    let headers: Vec<&str> = rows.iter().map(|row| row.get(4)).collect();
    let payloads: Vec<&[u8]> = rows.iter().map(|row| row.get(5)).collect();
    let enqueued = tx.query(ENQUEUE, &[&ids, &topics, &keys, &headers, &payloads]).await?;
    if enqueued.iter().any(|row| row.get::<_, Option<i64>>(0).is_none()) {
        // Somebody has just enqueued one of the ids: the step is done again, and passes it over.
        tx.rollback().await?;
        return Ok(Step { done: 0, behind: Some(behind) });
    }
    tx.commit().await?;
    Ok(Step { done: enqueued.len() as u64, behind: next })
}

async fn discard(client: &mut Object, filter: &Filter, behind: Seq, upto: Seq) -> Result<Step, Error> {
    let tx = client.transaction().await?;
    let (chosen, behind) = choose(&tx, (filter, "true"), (behind, upto), DELETED_AT_ONCE).await?;
    let done = tx.execute("DELETE FROM outbox_dead WHERE seq = ANY($1)", &[&chosen]).await?;
    tx.commit().await?;
    Ok(Step { done, behind })
}

async fn troubled(client: &Object, behind: Option<&Ident>, limit: usize) -> Result<Vec<Troubled>, Error> {
    let sql = format!(
        "SELECT kind, name, (extract(epoch FROM retry_at) - extract(epoch FROM clock_timestamp()))::float8, attempts, head_seq, error,
                (extract(epoch FROM clock_timestamp()) - extract(epoch FROM since))::float8,
                CASE kind WHEN 0 THEN
                  (SELECT count(*) FROM (SELECT FROM outbox WHERE key = name AND state = 1 LIMIT {HELD_MAX}) AS held)
                ELSE 1 END,
                (SELECT verb FROM outbox_command AS command
                  WHERE done_at IS NULL AND command.kind = trouble.kind AND command.name = trouble.name)
           FROM outbox_trouble AS trouble WHERE (kind, name) > ($1, $2) ORDER BY kind, name LIMIT $3"
    );
    let (kind, name) = behind.map_or_else(|| (-1, String::new()), kind_and_name);
    let found = client.query(&sql, &[&kind, &name, &i64::try_from(limit).unwrap_or(i64::MAX)]).await?;
    let troubled = found.iter().map(|row| Troubled {
        ident: ident(row, 0),
        retry_in_ms: row.get::<_, Option<f64>>(2).map(millis),
        attempts: unsigned(row.get::<_, i32>(3)),
        head: Seq(row.get(4)),
        error: row.get(5),
        since_ms: millis(row.get(6)),
        held: unsigned(row.get::<_, i64>(7)),
        command: row.get::<_, Option<&str>>(8).map(Verb::stored),
    });
    Ok(troubled.collect())
}
