//! The operator's side of the store: dead letters, and keys in trouble.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::clock::{since, until};
use super::rows::{envelope, ident, kind_and_name, unsigned};
use super::{SqliteStore, commands};
use crate::message::{Ident, MessageId, Seq};
use crate::operations::{
    Answer, CommandId, DeadLetter, Filter, HELD_MAX, LOOKED_MAX, Operations, PAGE_BYTES_MAX, PENDING_MAX,
    Page, Pause, Recorded, Requeued, Sort, Troubled, Verb,
};
use crate::store::StoreError;

/// Dead letters that one transaction moves or deletes, and about how many bytes of them: the application's own writes come in
/// between.
const AT_ONCE: usize = 1_000;
const BYTES_AT_ONCE: u64 = 4 * 1024 * 1024;

impl Operations for SqliteStore {
    async fn dead_letters(&self, filter: &Filter, page: Page) -> Result<Vec<DeadLetter>, StoreError> {
        let filter = filter.clone();
        self.read(move |connection| dead_letters(connection, &filter, page)).await
    }

    async fn requeue_telling(
        &self,
        filter: &Filter,
        told: &(dyn Fn(u64) + Sync),
    ) -> Result<Requeued, StoreError> {
        let upto = self.last_dead().await?;
        let of = filter.clone();
        let mut requeued = self.read(move |connection| pending_ids(connection, &of, upto)).await?;
        requeued.count = self.walk(filter, upto, requeue, told).await?;
        Ok(requeued)
    }

    async fn discard_telling(&self, filter: &Filter, told: &(dyn Fn(u64) + Sync)) -> Result<u64, StoreError> {
        let upto = self.last_dead().await?;
        self.walk(filter, upto, discard, told).await
    }

    async fn troubled(&self, behind: Option<&Ident>, limit: usize) -> Result<Vec<Troubled>, StoreError> {
        let behind = behind.cloned();
        self.read(move |connection| troubled(connection, behind.as_ref(), limit)).await
    }

    async fn command(&self, ident: &Ident, verb: Verb, by: &str) -> Result<Recorded, StoreError> {
        let (ident, by) = (ident.clone(), by.to_owned());
        self.write(move |tx| commands::record(tx, &ident, verb, &by)).await
    }

    async fn answer(&self, command: CommandId) -> Result<Option<Answer>, StoreError> {
        self.read(move |connection| commands::answered(connection, command)).await
    }

    async fn pause(&self, by: &str) -> Result<Pause, StoreError> {
        let by = by.to_owned();
        self.write(move |tx| commands::pause(tx, &by)).await
    }

    async fn resume(&self) -> Result<Option<Pause>, StoreError> {
        self.write(commands::resume).await
    }
}

impl SqliteStore {
    /// The last dead letter by now.
    async fn last_dead(&self) -> Result<Seq, StoreError> {
        let last = "SELECT coalesce(max(seq), 0) FROM outbox_dead";
        self.read(|connection| connection.query_row(last, [], |row| row.get(0).map(Seq))).await
    }

    /// Goes through the dead letters up to this one, a transaction a step.
    async fn walk(
        &self,
        filter: &Filter,
        upto: Seq,
        step: fn(&Connection, &Filter, Seq, Seq) -> rusqlite::Result<Step>,
        told: &(dyn Fn(u64) + Sync),
    ) -> Result<u64, StoreError> {
        let (mut behind, mut done) = (Seq(i64::MIN), 0);
        loop {
            let filter = filter.clone();
            let stepped = self.write(move |tx| step(tx, &filter, behind, upto)).await?;
            self.committed.notify_one();
            done += stepped.done;
            told(done);
            match stepped.behind {
                Some(last) => behind = last,
                None => return Ok(done),
            }
        }
    }
}

/// What one step has done, and behind which dead letter the next one begins; `None`: it was the last.
struct Step {
    done: u64,
    behind: Option<Seq>,
}

/// As SQL, with its values in order.
fn conditions(filter: &Filter) -> (String, Vec<Value>) {
    let id = filter.id.map(|id| Value::from(id.as_bytes().to_vec()));
    let fields = [
        ("id = ?", id),
        ("topic = ?", filter.topic.clone().map(Value::from)),
        ("key = ?", filter.key.clone().map(Value::from)),
    ];
    let given = fields.into_iter().filter_map(|(condition, value)| Some((condition, value?)));
    given.fold(("true".to_owned(), vec![]), |(conditions, mut values), (condition, value)| {
        values.push(value);
        (format!("{conditions} AND {condition}"), values)
    })
}

fn dead_letters(connection: &Connection, filter: &Filter, page: Page) -> rusqlite::Result<Vec<DeadLetter>> {
    let (conditions, mut values) = conditions(filter);
    let (beyond, sort) = match page.sort {
        Sort::Newest => ("<", "DESC"),
        Sort::Oldest => (">", "ASC"),
    };
    let behind = page.behind.map(|behind| format!(" AND seq {beyond} {behind}")).unwrap_or_default();
    let sql = format!(
        "SELECT seq, id, topic, key, headers, payload, attempts, error, {}, {}
           FROM outbox_dead WHERE {conditions}{behind} ORDER BY seq {sort} LIMIT ?",
        since("created_ms"),
        since("dead_ms")
    );
    values.push(Value::from(i64::try_from(page.limit).unwrap_or(i64::MAX)));
    let mut select = connection.prepare(&sql)?;
    let mut found = select.query(params_from_iter(values))?;
    let (mut letters, mut bytes) = (Vec::new(), 0);
    while let Some(row) = found.next()? {
        let letter = dead_letter(row)?;
        bytes += letter.envelope.weight();
        if bytes > PAGE_BYTES_MAX && !letters.is_empty() {
            break;
        }
        letters.push(letter);
    }
    Ok(letters)
}

fn dead_letter(row: &Row<'_>) -> rusqlite::Result<DeadLetter> {
    Ok(DeadLetter {
        envelope: envelope(row)?,
        attempts: row.get(6)?,
        error: row.get(7)?,
        age_ms: unsigned(row.get(8)?),
        dead_for_ms: unsigned(row.get(9)?),
    })
}

/// What stays, because a message with its id waits. An application that inserts rows by itself may bring that about.
fn pending_ids(connection: &Connection, filter: &Filter, upto: Seq) -> rusqlite::Result<Requeued> {
    let (conditions, values) = conditions(filter);
    let sql = format!(
        "SELECT id FROM outbox_dead WHERE {conditions} AND seq <= {upto} AND EXISTS (SELECT 1 FROM outbox WHERE outbox.id = outbox_dead.id)
          ORDER BY seq LIMIT {PENDING_MAX}"
    );
    let mut select = connection.prepare(&sql)?;
    let ids = select.query_map(params_from_iter(values), |row| Ok(MessageId::from_bytes(row.get(0)?)))?;
    Ok(Requeued { count: 0, pending: ids.collect::<rusqlite::Result<_>>()? })
}

/// Dead letters behind this one that the filter and `also` let pass, as a JSON array, as many as one step takes.
fn choose(
    connection: &Connection,
    filter: &Filter,
    also: &str,
    behind: Seq,
    upto: Seq,
) -> rusqlite::Result<(String, Option<Seq>)> {
    let (conditions, values) = conditions(filter);
    let sql = format!(
        "SELECT seq, ({conditions} AND {also}) IS TRUE, length(payload) FROM outbox_dead
          WHERE seq > {behind} AND seq <= {upto} ORDER BY seq"
    );
    let mut select = connection.prepare(&sql)?;
    let mut rows = select.query(params_from_iter(values))?;
    let (mut chosen, mut bytes, mut looked, mut last) = (Vec::new(), 0, 0, None);
    while let Some(row) = rows.next()? {
        if looked == LOOKED_MAX || chosen.len() == AT_ONCE || bytes > BYTES_AT_ONCE {
            return Ok((super::rows::json_array(&chosen), last));
        }
        looked += 1;
        let seq = Seq(row.get(0)?);
        last = Some(seq);
        if row.get(1)? {
            chosen.push(seq);
            bytes += unsigned(row.get(2)?);
        }
    }
    Ok((super::rows::json_array(&chosen), None))
}

fn requeue(connection: &Connection, filter: &Filter, behind: Seq, upto: Seq) -> rusqlite::Result<Step> {
    let waits_not = "NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.id = outbox_dead.id)";
    let (chosen, behind) = choose(connection, filter, waits_not, behind, upto)?;
    connection.execute(
        "INSERT INTO outbox (id, topic, key, headers, payload)
         SELECT id, topic, key, headers, payload FROM outbox_dead
          WHERE seq IN (SELECT value FROM json_each(?1)) ORDER BY seq",
        [&chosen],
    )?;
    delete(connection, &chosen, behind)
}

fn discard(connection: &Connection, filter: &Filter, behind: Seq, upto: Seq) -> rusqlite::Result<Step> {
    let (chosen, behind) = choose(connection, filter, "true", behind, upto)?;
    delete(connection, &chosen, behind)
}

fn delete(connection: &Connection, chosen: &str, behind: Option<Seq>) -> rusqlite::Result<Step> {
    let delete = "DELETE FROM outbox_dead WHERE seq IN (SELECT value FROM json_each(?1))";
    Ok(Step { done: connection.execute(delete, [chosen])? as u64, behind })
}

fn troubled(
    connection: &Connection,
    behind: Option<&Ident>,
    limit: usize,
) -> rusqlite::Result<Vec<Troubled>> {
    let sql = format!(
        "SELECT kind, name, {}, attempts, head_seq, error, {},
                CASE kind WHEN 0 THEN
                  (SELECT count(*) FROM (SELECT 1 FROM outbox WHERE key = name AND state = 1 LIMIT {HELD_MAX}))
                ELSE 1 END,
                (SELECT verb FROM outbox_command AS command
                  WHERE done_ms IS NULL AND command.kind = trouble.kind AND command.name = trouble.name)
           FROM outbox_trouble AS trouble WHERE (kind, name) > (?1, ?2) ORDER BY kind, name LIMIT ?3",
        until("retry_ms"),
        since("since_ms")
    );
    let (kind, name) = behind.map_or_else(|| (-1, String::new()), kind_and_name);
    let mut select = connection.prepare(&sql)?;
    let found = select.query_map((kind, name, i64::try_from(limit).unwrap_or(i64::MAX)), |row| {
        let command: Option<String> = row.get(8)?;
        Ok(Troubled {
            ident: ident(row)?,
            retry_in_ms: row.get::<_, Option<i64>>(2)?.map(unsigned),
            attempts: row.get(3)?,
            head: Seq(row.get(4)?),
            error: row.get(5)?,
            since_ms: unsigned(row.get(6)?),
            held: unsigned(row.get(7)?),
            command: command.as_deref().map(Verb::stored),
        })
    })?;
    found.collect()
}
