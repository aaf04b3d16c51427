//! The operator's side of the store: dead letters, and keys in trouble.

use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::clock::{since, until};
use super::rows::{envelope, ident, kind_and_name, unsigned};
use super::{SqliteStore, commands};
use crate::message::{Ident, MessageId, Seq};
use crate::operations::{
    Answer, CommandId, DeadLetter, Filter, HELD_MAX, Operations, PAGE_BYTES_MAX, PENDING_MAX, Page, Pause,
    Recorded, Requeued, Sort, Troubled, Verb,
};
use crate::store::StoreError;

/// Dead letters that one transaction moves: the application's own writes come in between.
const REQUEUE_AT_ONCE: i64 = 1_000;

impl Operations for SqliteStore {
    async fn dead_letters(&self, filter: &Filter, page: Page) -> Result<Vec<DeadLetter>, StoreError> {
        let filter = filter.clone();
        self.read(move |connection| dead_letters(connection, &filter, page)).await
    }

    async fn requeue(&self, filter: &Filter) -> Result<Requeued, StoreError> {
        let last = "SELECT coalesce(max(seq), 0) FROM outbox_dead";
        let upto = Seq(self.read(|connection| connection.query_row(last, [], |row| row.get(0))).await?);
        let (pending, of) = (filter.clone(), upto);
        let mut requeued = self.read(move |connection| pending_ids(connection, &pending, of)).await?;
        loop {
            let filter = filter.clone();
            let count = self.write(move |tx| requeue(tx, &filter, upto)).await?;
            self.committed.notify_one();
            requeued.count += count;
            if count == 0 {
                return Ok(requeued);
            }
        }
    }

    async fn discard(&self, filter: &Filter) -> Result<u64, StoreError> {
        let (conditions, values) = conditions(filter);
        let delete = format!("DELETE FROM outbox_dead WHERE {conditions}");
        self.write(move |tx| tx.execute(&delete, params_from_iter(values)).map(|rows| rows as u64)).await
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
        self.write(|tx| commands::resume(tx)).await
    }
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

fn requeue(connection: &Connection, filter: &Filter, upto: Seq) -> rusqlite::Result<u64> {
    let (conditions, values) = conditions(filter);
    let chosen = format!(
        "SELECT seq FROM outbox_dead WHERE {conditions} AND seq <= {upto} AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.id = outbox_dead.id)
          ORDER BY seq LIMIT {REQUEUE_AT_ONCE}"
    );
    let mut select = connection.prepare(&chosen)?;
    let chosen = select.query_map(params_from_iter(values), |row| row.get(0).map(Seq))?;
    let chosen = super::rows::json_array(&chosen.collect::<rusqlite::Result<Vec<Seq>>>()?);
    connection.execute(
        "INSERT INTO outbox (id, topic, key, headers, payload)
         SELECT id, topic, key, headers, payload FROM outbox_dead
          WHERE seq IN (SELECT value FROM json_each(?1)) ORDER BY seq",
        [&chosen],
    )?;
    let moved = connection
        .execute("DELETE FROM outbox_dead WHERE seq IN (SELECT value FROM json_each(?1))", [&chosen])?;
    Ok(moved as u64)
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
