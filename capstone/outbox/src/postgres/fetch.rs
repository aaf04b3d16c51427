//! What the relay reads: ready rows behind its cursors, late ones below them, passed ones of a key.
//!
//! A row's number is taken before its commit, so a row may appear below a cursor that has passed it. What can appear there was
//! written by a transaction that had not ended when the look before began: those are few, and an index has their rows. So
//! a look costs what is new, however many rows were deleted since somebody's transaction began (`docs/adr/0009`).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::GenericClient;
use tokio::time::Instant;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, SimpleQueryMessage, Statement};
use uuid::Uuid;

use super::due;
use super::row::{Taken, columns, ids, limit, number, small, within_budget};
use crate::message::Seq;
use crate::store::{Budget, Cursor, Epoch, Fetched, Lane, Lease, Look};

/// Which transactions have not ended. Read before the rows are.
const NOW: &str = "SELECT pg_current_snapshot()::text";

/// Lanes, and the cursor of each; then how many rows of a lane. One more than those comes without its payload, and tells that
/// there are more.
///
/// Pairs, `(lane, seq)` between two pairs and in that order: only the partial index has it. With `lane = …` the planner may
/// prefer the primary key, and pass over the rows of all other lanes.
const FORWARD: &str = within_budget!(
    "ALL",
    "$4",
    "place <= $3::bigint",
    concat!(
        "SELECT ready.* FROM unnest($1::smallint[], $2::bigint[]) AS look (lane, after)
         CROSS JOIN LATERAL (SELECT *, row_number() OVER (ORDER BY lane, seq) AS place FROM (",
        columns!(in_trouble),
        " WHERE state = 0 AND (lane, seq) > (look.lane, look.after) AND (lane, seq) <= (look.lane, 9223372036854775807)
           ORDER BY lane, seq LIMIT $3::bigint + 1) AS part) AS ready"
    )
);

/// Rows of a key are published while others of it may be behind the cursor: those in memory and those that are asked for by key
/// are left out. NOT IN and a subquery, which is hashed; `<> ALL` is not when the plan is generic.
macro_rules! left_out {
    () => {
        " (seq, id) NOT IN (SELECT * FROM unnest($3::bigint[], $4::uuid[]))
          AND (key IS NULL OR key NOT IN (SELECT unnest($5::text[])))"
    };
}

/// What was written so, and is at or below its lane's cursor. Most of what is new is ahead of it, so it is told by a place in an
/// array, before anything else is looked up for a row: a join would compare each row with every lane, and the slower a look is, the
/// more is new by the next one.
macro_rules! late {
    ($written:literal) => {
        concat!(
            columns!(in_trouble),
            " WHERE state = 0 AND ",
            $written,
            " AND seq <= ($2::bigint[])[array_position($1::smallint[], lane)] AND",
            left_out!()
        )
    };
}

/// What was written by transactions that had not ended by the snapshot, in any order.
const LATE: &str = within_budget!(
    "$6",
    "$7",
    concat!(
        late!("xact = ANY(ARRAY(SELECT pg_snapshot_xip($8::text::pg_snapshot)))"),
        " UNION ALL ",
        late!("xact >= (SELECT pg_snapshot_xmax($8::text::pg_snapshot))")
    )
);

/// All that is below the cursors, in order, whoever wrote it.
const BELOW: &str = within_budget!(
    "$6",
    "$7",
    concat!(
        "SELECT late.* FROM unnest($1::smallint[], $2::bigint[]) AS look (lane, after) CROSS JOIN LATERAL (",
        columns!(in_trouble),
        " WHERE state = 0 AND (lane, seq) > (look.lane, 0) AND (lane, seq) <= (look.lane, look.after) AND",
        left_out!(),
        " ORDER BY lane, seq LIMIT $6) AS late"
    )
);

const SPILLED: &str = within_budget!(
    "$5",
    "$6",
    concat!(
        columns!(),
        " WHERE state = 0 AND key = $2 AND (lane, seq) > ($1, $3) AND (lane, seq) <= ($1, $4)
          ORDER BY lane, seq LIMIT $5"
    )
);

/// How often it is looked below the cursors for rows whose transaction says nothing: those that a logical replica copies bring
/// the number of another server's. At least so far apart, and at most this part of the time.
const SWEEP_PAUSE: Duration = Duration::from_secs(60);
const SWEEP_SHARE: u32 = 500;
const SWEEP_LIMIT: &str = "BEGIN; SET LOCAL statement_timeout = '1s'";

/// The session that reads. What it remembers of the lanes is only true as long as it lives: a server that has crashed, or
/// another one in its place, may have forgotten transactions and give out their numbers again.
pub(super) struct Reader {
    client: Client,
    now: Statement,
    forward: Statement,
    late: Statement,
    below: Statement,
    /// What had not ended when the lane was looked at last, and under which lease.
    seen: HashMap<Lane, Seen>,
    looks: u64,
    sweep_at: Instant,
}

/// A look at a lane.
#[derive(Clone)]
struct Seen {
    epoch: Epoch,
    /// Which look it was.
    look: u64,
    /// As PostgreSQL writes a snapshot.
    snapshot: Arc<str>,
}

impl Reader {
    pub(super) async fn begin(client: Client) -> Result<Self, Error> {
        let (now, forward) = futures::try_join!(client.prepare(NOW), client.prepare(FORWARD))?;
        let (late, below) = futures::try_join!(client.prepare(LATE), client.prepare(BELOW))?;
        let sweep_at = Instant::now() + SWEEP_PAUSE;
        Ok(Self { client, now, forward, late, below, seen: HashMap::new(), looks: 0, sweep_at })
    }

    pub(super) fn is_open(&self) -> bool {
        !self.client.is_closed()
    }

    /// Rows behind the cursors, and those that have become visible below them.
    ///
    /// The statements travel together. They are answered one after the other, so the look below sees everything that the look
    /// ahead has seen: no row comes without the earlier ones of its key.
    pub(super) async fn fetch(&mut self, look: &Look, budget: Budget) -> Result<Fetched, Error> {
        let Some(snapshot) = self.oldest_seen(&look.cursors) else {
            return Ok(Fetched { is_void: true, ..Fetched::default() });
        };
        let columns = Columns::of(look, budget);
        let part = part(look, budget);
        let of_lane = number(part);
        let ahead: [&(dyn ToSql + Sync); 4] = [&columns.lanes, &columns.after, &of_lane, &columns.bytes];
        // `try_join` polls in this order, and the first poll sends.
        let (now, forward, late) = futures::try_join!(
            self.client.query_one(&self.now, &[]),
            self.client.query(&self.forward, &ahead),
            self.late(&columns, snapshot.as_deref()),
        )?;
        let mut taken = Taken::new(budget);
        taken.take(&late, usize::MAX)?;
        if taken.is_cut() {
            // More than fits, and in no order.
            return self.below(look, budget, &columns).await;
        }
        taken.sort();
        taken.take(&forward, part)?;
        self.see(&look.cursors, now.get(0));
        let fetched = taken.fetched();
        if fetched.len() == 0 && self.sweep_at <= Instant::now() {
            return self.sweep(look, budget, &columns).await;
        }
        Ok(fetched)
    }

    async fn late(&self, columns: &Columns<'_>, snapshot: Option<&str>) -> Result<Vec<Row>, Error> {
        let Some(snapshot) = snapshot else { return Ok(Vec::new()) };
        let mut parameters = columns.below().to_vec();
        parameters.push(&snapshot);
        self.client.query(&self.late, &parameters).await
    }

    /// As much of it as fits, in order. Whatever is ahead may belong behind it.
    async fn below(&self, look: &Look, budget: Budget, columns: &Columns<'_>) -> Result<Fetched, Error> {
        let rows = self.client.query(&self.below, &columns.below()).await?;
        let mut taken = Taken::new(budget);
        taken.take(&rows, usize::MAX)?;
        let is_cut = taken.is_cut();
        let mut fetched = taken.fetched();
        if is_cut {
            fetched.more = look.cursors.iter().map(|cursor| cursor.lease.lane).collect();
        }
        Ok(fetched)
    }

    /// The same, when there is nothing else to do. One that takes too long is left for later: it is for what a replica brought.
    async fn sweep(&mut self, look: &Look, budget: Budget, columns: &Columns<'_>) -> Result<Fetched, Error> {
        let began = Instant::now();
        self.client.batch_execute(SWEEP_LIMIT).await?;
        let swept = self.below(look, budget, columns).await;
        self.client.batch_execute("COMMIT").await?;
        self.sweep_at = Instant::now() + SWEEP_PAUSE.max(began.elapsed() * SWEEP_SHARE);
        match swept {
            Err(error) if error.code() == Some(&SqlState::QUERY_CANCELED) => Ok(Fetched::default()),
            swept => swept,
        }
    }

    /// What the oldest of the looks saw, all of them saw. `Some(None)`: all lanes are at their beginning. `None`: a lane has
    /// been read, and not by this session.
    fn oldest_seen(&self, cursors: &[Cursor]) -> Option<Option<Arc<str>>> {
        let begun = cursors.iter().filter(|cursor| cursor.after > Seq(0));
        let seen = begun.map(|cursor| {
            let seen = self.seen.get(&cursor.lease.lane)?;
            (seen.epoch == cursor.lease.epoch).then_some(seen)
        });
        let seen: Vec<&Seen> = seen.collect::<Option<_>>()?;
        Some(seen.iter().min_by_key(|seen| seen.look).map(|seen| Arc::clone(&seen.snapshot)))
    }

    fn see(&mut self, cursors: &[Cursor], snapshot: &str) {
        self.looks += 1;
        let (look, snapshot) = (self.looks, Arc::<str>::from(snapshot));
        for Lease { lane, epoch } in cursors.iter().map(|cursor| cursor.lease) {
            self.seen.insert(lane, Seen { epoch, look, snapshot: Arc::clone(&snapshot) });
        }
    }
}

/// What a look is about, as parameters.
struct Columns<'a> {
    lanes: Vec<i16>,
    after: Vec<i64>,
    in_memory: (Vec<i64>, Vec<Uuid>),
    spilled: Vec<&'a str>,
    limit: i64,
    bytes: i64,
}

impl<'a> Columns<'a> {
    fn of(look: &'a Look, budget: Budget) -> Self {
        let (lanes, after) =
            look.cursors.iter().map(|cursor| (small(cursor.lease.lane), cursor.after.0)).unzip();
        Self {
            lanes,
            after,
            in_memory: ids(&look.in_memory),
            spilled: look.spilled.iter().map(AsRef::as_ref).collect(),
            limit: limit(budget),
            bytes: number(budget.bytes),
        }
    }

    fn below(&self) -> [&(dyn ToSql + Sync); 7] {
        let (seqs, ids) = &self.in_memory;
        [&self.lanes, &self.after, seqs, ids, &self.spilled, &self.limit, &self.bytes]
    }
}

/// An equal part for each lane, so that the backlog of one does not fill the window.
fn part(look: &Look, budget: Budget) -> usize {
    budget.rows.div_ceil(look.cursors.len().max(1)).max(1)
}

pub(super) async fn spilled(
    client: &impl GenericClient,
    lane: Lane,
    key: &str,
    range: (Seq, Seq),
    budget: Budget,
) -> Result<Fetched, Error> {
    let statement = client.prepare_cached(SPILLED).await?;
    let (after, upto) = range;
    let (limit, bytes) = (limit(budget), number(budget.bytes));
    let rows = client.query(&statement, &[&small(lane), &key, &after.0, &upto.0, &limit, &bytes]).await?;
    let mut taken = Taken::new(budget);
    taken.take(&rows, usize::MAX)?;
    Ok(taken.fetched())
}

pub(super) async fn explain(client: &Client) -> Result<String, Error> {
    const ID: &str = "ARRAY['00000000-0000-0000-0000-000000000000'::uuid]";
    let below = format!("(ARRAY[0, 1]::smallint[], ARRAY[9, 9], ARRAY[1], {ID}, ARRAY['k'], 500, 1000");
    let looks = [
        (FORWARD, "(ARRAY[0, 1]::smallint[], ARRAY[0, 0], 500, 1000)".to_owned()),
        (LATE, format!("{below}, '8:9:8')")),
        (BELOW, format!("{below})")),
        (SPILLED, "(0, 'k', 0, 9, 500, 1000)".to_owned()),
        (
            due::DUE,
            "(ARRAY[0, 1]::smallint[], ARRAY[0]::smallint[], ARRAY['k'], 9, 500, 60000, 100, 1000)"
                .to_owned(),
        ),
    ];
    let mut plan = String::new();
    for (statement, parameters) in looks {
        client.batch_execute(&format!("PREPARE explained AS {statement}")).await?;
        let rows = client.simple_query(&format!("EXPLAIN (COSTS OFF) EXECUTE explained {parameters}")).await;
        client.batch_execute("DEALLOCATE explained").await?;
        for row in rows? {
            if let SimpleQueryMessage::Row(row) = row {
                plan += row.get(0).unwrap_or_default();
                plan.push('\n');
            }
        }
    }
    Ok(plan)
}
