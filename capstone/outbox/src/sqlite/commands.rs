//! Operators' commands: how they are recorded, told to the relay, and answered; and the pause.

use rusqlite::{Connection, OptionalExtension};

use super::clock::{NOW_MS, since};
use super::lane::LANE;
use super::rows::{ident, kind_and_name, optional, unsigned};
use super::settle;
use crate::message::{Ident, MessageId, RowId, Seq};
use crate::operations::{Answer, COMMANDS_MAX, Command, CommandId, Pause, Recorded, Verb};

/// Answers are kept for a day.
const KEPT_MS: i64 = 24 * 60 * 60 * 1000;

/// All that wait, the oldest first. `+`: sorted, and not read in the order of the table, which holds the answered ones too.
pub(super) fn waiting(connection: &Connection) -> rusqlite::Result<Vec<Command>> {
    let mut select = connection.prepare_cached(
        "SELECT kind, name, id, verb, head_seq, upto_seq, error FROM outbox_command
          WHERE done_ms IS NULL ORDER BY +id LIMIT ?1",
    )?;
    let commands = select.query_map([COMMANDS_MAX], |row| {
        Ok(Command {
            id: CommandId(row.get(2)?),
            lane: LANE,
            ident: ident(row)?,
            verb: Verb::stored(row.get_ref(3)?.as_str()?),
            head: Seq(row.get(4)?),
            upto: Seq(row.get(5)?),
            error: row.get(6)?,
        })
    })?;
    commands.collect()
}

pub(super) fn record(
    connection: &Connection,
    about: &Ident,
    verb: Verb,
    by: &str,
) -> rusqlite::Result<Recorded> {
    let (kind, name) = kind_and_name(about);
    let waiting = "SELECT id, verb FROM outbox_command WHERE done_ms IS NULL AND kind = ?1 AND name = ?2";
    let waiting = connection.query_row(waiting, (kind, &name), |row| {
        let (id, waits) = (CommandId(row.get(0)?), Verb::stored(row.get_ref(1)?.as_str()?));
        Ok(if waits == verb { Recorded::Waits(id) } else { Recorded::Behind(waits) })
    });
    if let Some(recorded) = optional(waiting)? {
        return Ok(recorded);
    }
    forget(connection, u32::MAX)?;
    let insert = format!(
        "INSERT INTO outbox_command (kind, name, verb, head_seq, upto_seq, error, asked_by, asked_ms)
         SELECT kind, name, ?3, head_seq, coalesce((SELECT max(seq) FROM outbox), 0), error, ?4, {NOW_MS}
           FROM outbox_trouble WHERE kind = ?1 AND name = ?2 RETURNING id"
    );
    let id = connection.query_row(&insert, (kind, &name, verb.as_str(), by), |row| row.get(0));
    Ok(optional(id)?.map_or(Recorded::NoTrouble, |id| Recorded::Waits(CommandId(id))))
}

/// Forgets up to `limit` answers that are older than a day; returns how many.
pub(super) fn forget(connection: &Connection, limit: u32) -> rusqlite::Result<usize> {
    let old = format!(
        "DELETE FROM outbox_command WHERE id IN
           (SELECT id FROM outbox_command WHERE done_ms < {NOW_MS} - {KEPT_MS} LIMIT ?1)"
    );
    connection.execute(&old, [limit])
}

/// Done by the relay, in one transaction with the answer.
pub(super) fn execute(connection: &Connection, command: &Command) -> rusqlite::Result<()> {
    let outcome = done(connection, command)?;
    answer(connection, command.id, &outcome)
}

fn done(connection: &Connection, command: &Command) -> rusqlite::Result<Answer> {
    let Command { ident, verb, head, upto, error, .. } = command;
    let (kind, name) = kind_and_name(ident);
    let trouble = "SELECT head_seq, head_id, attempts,
                          EXISTS (SELECT 1 FROM outbox WHERE (seq, id) = (head_seq, head_id))
                     FROM outbox_trouble WHERE kind = ?1 AND name = ?2";
    let trouble = connection.query_row(trouble, (kind, name), |row| {
        let id = MessageId::from_bytes(row.get(1)?);
        let (attempts, is_there): (u32, bool) = (row.get(2)?, row.get(3)?);
        Ok((RowId { seq: Seq(row.get(0)?), id }, attempts, is_there))
    });
    let Some((row, attempts, is_there)) = optional(trouble)? else { return Ok(command.not_in_trouble()) };
    if row.seq != *head || !is_there {
        return Ok(command.not_the_head());
    }
    match verb {
        Verb::Retry => {}
        Verb::Skip => {
            let error = format!("skipped by an operator; before that: {error}");
            settle::bury(connection, row, attempts, &error)?;
        }
        Verb::Discard => settle::delete(connection, &[row])?,
        Verb::Clear => clear(connection, ident, row, *upto)?,
    }
    settle::go_on(connection, ident)?;
    Ok(Answer::Done)
}

fn clear(connection: &Connection, ident: &Ident, head: RowId, upto: Seq) -> rusqlite::Result<()> {
    match ident {
        Ident::Row(_) => settle::delete(connection, &[head]),
        // Either state has an index of its own.
        Ident::Key(key) => [
            "DELETE FROM outbox WHERE state = 1 AND key = ?1 AND seq <= ?2",
            "DELETE FROM outbox WHERE lane = 0 AND state = 0 AND key = ?1 AND seq <= ?2",
        ]
        .iter()
        .try_for_each(|sql| connection.execute(sql, (key.as_ref(), upto.0)).map(drop)),
    }
}

fn answer(connection: &Connection, id: CommandId, answer: &Answer) -> rusqlite::Result<()> {
    let refusal = match answer {
        Answer::Done => None,
        Answer::Refused(why) => Some(why),
    };
    let sql = format!(
        "UPDATE outbox_command SET done_ms = {NOW_MS}, refusal = ?2 WHERE id = ?1 AND done_ms IS NULL"
    );
    connection.prepare_cached(&sql)?.execute((id.0, refusal)).map(drop)
}

pub(super) fn answered(connection: &Connection, id: CommandId) -> rusqlite::Result<Option<Answer>> {
    let sql = "SELECT refusal FROM outbox_command WHERE id = ?1 AND done_ms IS NOT NULL";
    let refusal = optional(connection.query_row(sql, [id.0], |row| row.get::<_, Option<String>>(0)))?;
    Ok(refusal.map(|refusal| refusal.map_or(Answer::Done, Answer::Refused)))
}

pub(super) fn pause(connection: &Connection, by: &str) -> rusqlite::Result<Pause> {
    let sql = format!(
        "INSERT INTO outbox_pause (one, paused_by, since_ms) VALUES (1, ?1, {NOW_MS}) ON CONFLICT DO NOTHING"
    );
    connection.execute(&sql, [by])?;
    Ok(paused(connection)?.expect("it is paused inside this transaction"))
}

pub(super) fn paused(connection: &Connection) -> rusqlite::Result<Option<Pause>> {
    let sql = format!("SELECT paused_by, {} FROM outbox_pause", since("since_ms"));
    let mut select = connection.prepare_cached(&sql)?;
    select.query_row([], |row| Ok(Pause { by: row.get(0)?, for_ms: unsigned(row.get(1)?) })).optional()
}

pub(super) fn resume(connection: &Connection) -> rusqlite::Result<Option<Pause>> {
    let pause = paused(connection)?;
    connection.execute("DELETE FROM outbox_pause", [])?;
    Ok(pause)
}
