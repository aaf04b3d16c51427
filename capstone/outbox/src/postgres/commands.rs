//! Operators' commands: how they are recorded, told to the relay, and answered; and the pause.

use deadpool_postgres::{Object, Transaction};
use tokio_postgres::{Error, Row};
use uuid::Uuid;

use super::row::small;
use super::settle::{self, kind_and_name};
use super::status::unsigned;
use crate::message::{Ident, MessageId, RowId, Seq};
use crate::operations::{Answer, Command, CommandId, Pause, Recorded, Verb};
use crate::store::Lane;

/// Answers are kept for a day.
const FORGET: &str = "DELETE FROM outbox_command WHERE id IN
   (SELECT id FROM outbox_command WHERE done_at < clock_timestamp() - interval '1 day' LIMIT $1)";

const RECORD: &str =
    "INSERT INTO outbox_command (lane, kind, name, verb, head_seq, upto_seq, error, asked_by)
     SELECT lane, kind, name, $3, head_seq, coalesce((SELECT max(seq) FROM outbox), 0), error, $4
       FROM outbox_trouble WHERE kind = $1 AND name = $2
     ON CONFLICT (kind, name) WHERE done_at IS NULL DO NOTHING RETURNING id";

const WAITING: &str = "SELECT id, verb FROM outbox_command WHERE done_at IS NULL AND kind = $1 AND name = $2";

const ANSWER: &str =
    "UPDATE outbox_command SET done_at = clock_timestamp(), refusal = $2 WHERE id = $1 AND done_at IS NULL";

const ANSWERED: &str = "SELECT refusal FROM outbox_command WHERE id = $1 AND done_at IS NOT NULL";

const PAUSE: &str = "INSERT INTO outbox_pause (one, paused_by) VALUES (1, $1) ON CONFLICT DO NOTHING";

const PAUSED: &str = "SELECT paused_by, (extract(epoch FROM clock_timestamp()) - extract(epoch FROM since))::float8 FROM outbox_pause";

const RESUME: &str = "DELETE FROM outbox_pause
    RETURNING paused_by, (extract(epoch FROM clock_timestamp()) - extract(epoch FROM since))::float8";

/// From columns that begin at `first`, as the renewal reads them; `None` when there is none.
pub(super) fn command(row: &Row, first: usize) -> Option<Command> {
    let id: i64 = row.get::<_, Option<i64>>(first)?;
    let lane: i16 = row.get(first + 1);
    Some(Command {
        id: CommandId(id),
        lane: Lane(unsigned(lane)),
        ident: ident(row, first + 2),
        verb: Verb::stored(row.get(first + 4)),
        head: Seq(row.get(first + 5)),
        upto: Seq(row.get(first + 6)),
        error: row.get(first + 7),
    })
}

/// Reads back what `kind_and_name` gave.
pub(super) fn ident(row: &Row, first: usize) -> Ident {
    let (kind, name): (i16, &str) = (row.get(first), row.get(first + 1));
    if kind == 0 { Ident::Key(name.into()) } else { Ident::Row(Seq(name.parse().unwrap_or(0))) }
}

pub(super) async fn record(client: &Object, about: &Ident, verb: Verb, by: &str) -> Result<Recorded, Error> {
    forget(client, u32::MAX).await?;
    let (kind, name) = kind_and_name(about);
    if let Some(row) = client.query_opt(RECORD, &[&kind, &name, &verb.as_str(), &by]).await? {
        return Ok(Recorded::Waits(CommandId(row.get(0))));
    }
    let Some(row) = client.query_opt(WAITING, &[&kind, &name]).await? else { return Ok(Recorded::NoTrouble) };
    let (id, waits) = (CommandId(row.get(0)), Verb::stored(row.get(1)));
    Ok(if waits == verb { Recorded::Waits(id) } else { Recorded::Behind(waits) })
}

/// Forgets up to `limit` answers that are older than a day; returns how many.
pub(super) async fn forget(client: &Object, limit: u32) -> Result<usize, Error> {
    let forgotten = client.execute(FORGET, &[&i64::from(limit)]).await?;
    Ok(usize::try_from(forgotten).unwrap_or(usize::MAX))
}

const TROUBLE: &str = "SELECT head_seq, head_id, attempts,
        EXISTS (SELECT FROM outbox WHERE seq = head_seq AND outbox.id = head_id)
   FROM outbox_trouble WHERE kind = $1 AND name = $2";

/// Either state has an index of its own.
const CLEAR_HELD: &str = "DELETE FROM outbox WHERE state = 1 AND key = $1 AND seq <= $2";
const CLEAR_READY: &str = "DELETE FROM outbox WHERE lane = $3 AND state = 0 AND key = $1 AND seq <= $2";

/// Done by the relay, in one transaction with the answer.
pub(super) async fn execute(tx: &Transaction<'_>, command: &Command) -> Result<(), Error> {
    let outcome = done(tx, command).await?;
    answer(tx, command.id, &outcome).await
}

async fn done(tx: &Transaction<'_>, command: &Command) -> Result<Answer, Error> {
    let (kind, name) = kind_and_name(&command.ident);
    let Some(trouble) = tx.query_opt(TROUBLE, &[&kind, &name]).await? else {
        return Ok(command.not_in_trouble());
    };
    let row = RowId { seq: Seq(trouble.get(0)), id: MessageId::from(trouble.get::<_, Uuid>(1)) };
    let (attempts, is_there): (i32, bool) = (trouble.get(2), trouble.get(3));
    if row.seq != command.head || !is_there {
        return Ok(command.not_the_head());
    }
    match (command.verb, &command.ident) {
        (Verb::Retry, _) => {}
        (Verb::Skip, _) => {
            let error = format!("skipped by an operator; before that: {}", command.error);
            settle::bury(tx, &[(row, unsigned(attempts), &error)]).await?;
        }
        (Verb::Discard, _) | (Verb::Clear, Ident::Row(_)) => settle::delete(tx, &[row]).await?,
        (Verb::Clear, Ident::Key(key)) => {
            let (key, upto) = (&**key, command.upto.0);
            tx.execute(CLEAR_HELD, &[&key, &upto]).await?;
            tx.execute(CLEAR_READY, &[&key, &upto, &small(command.lane)]).await?;
        }
    }
    settle::go_on(tx, &[&command.ident]).await?;
    Ok(Answer::Done)
}

async fn answer(tx: &Transaction<'_>, id: CommandId, answer: &Answer) -> Result<(), Error> {
    let refusal = match answer {
        Answer::Done => None,
        Answer::Refused(why) => Some(why),
    };
    tx.execute(ANSWER, &[&id.0, &refusal]).await.map(drop)
}

pub(super) async fn answered(client: &Object, id: CommandId) -> Result<Option<Answer>, Error> {
    let row = client.query_opt(ANSWERED, &[&id.0]).await?;
    Ok(row.map(|row| row.get::<_, Option<String>>(0).map_or(Answer::Done, Answer::Refused)))
}

pub(super) async fn pause(client: &Object, by: &str) -> Result<Pause, Error> {
    loop {
        client.execute(PAUSE, &[&by]).await?;
        // Somebody may resume in between.
        if let Some(row) = client.query_opt(PAUSED, &[]).await? {
            return Ok(pause_of(&row));
        }
    }
}

pub(super) async fn paused(client: &Transaction<'_>) -> Result<Option<Pause>, Error> {
    Ok(client.query_opt(PAUSED, &[]).await?.as_ref().map(pause_of))
}

pub(super) async fn resume(client: &Object) -> Result<Option<Pause>, Error> {
    Ok(client.query_opt(RESUME, &[]).await?.as_ref().map(pause_of))
}

fn pause_of(row: &Row) -> Pause {
    Pause { by: row.get(0), for_ms: millis(row.get(1)) }
}

/// From seconds. Never negative; a difference of times is, when the clock was set back.
pub(super) fn millis(seconds: f64) -> u64 {
    // Whoever writes rows himself may write a time that is none.
    if seconds.is_finite() { unsigned((seconds * 1_000.0) as i64) } else { 0 }
}
