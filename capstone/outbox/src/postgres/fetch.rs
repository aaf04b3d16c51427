//! What the relay reads: ready rows behind its cursors, late ones below them, passed ones of a key.
//!
//! A row's number is taken before its commit, so a row may appear below a cursor that has passed it. What can appear there was
//! written by a transaction that had not ended when the look before began: those are few, and an index has their rows. So
//! a look costs what is new, however many rows were deleted since somebody's transaction began (`docs/adr/0009`).

use std::collections::HashMap;
use std::time::Duration;

use deadpool_postgres::GenericClient;
use tokio::time::Instant;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, Statement};
use uuid::Uuid;

use super::lanes::LANES;
use super::row::{Taken, columns, ids, limit, number, small, within_budget};
use super::seen::Seen;
use crate::message::Seq;
use crate::store::{Budget, Fetched, Lane, Lease, Look};

/// Which transactions have not ended. Read before the rows are.
const NOW: &str = "SELECT pg_current_snapshot()::text";

/// Lanes, and the cursor of each; then how many rows of a lane. One more than those comes without its payload, and tells that
/// there are more.
///
/// Pairs, `(lane, seq)` between two pairs and in that order: only the partial index has it. With `lane = …` the planner may
/// prefer the primary key, and pass over the rows of all other lanes.
pub(super) const FORWARD: &str = within_budget!(
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

/// All lanes at once, by number, which costs a part of what it does lane by lane (`docs/adr/0009`). Rows whose payload is more
/// than an equal part of the bytes come without it.
///
/// After which number; how many rows; how many bytes of a row.
pub(super) const ACROSS: &str = concat!(
    "SELECT seq, lane, id, topic, key, CASE WHEN fits THEN headers END,
            CASE WHEN fits AND NOT in_trouble THEN payload END, in_trouble
       FROM (SELECT found.*, headers_json::text AS headers,
                    in_trouble OR octet_length(headers_json::text) + octet_length(payload) <= $3::bigint AS fits
               FROM (",
    columns!(in_trouble),
    " WHERE state = 0 AND seq > $1 ORDER BY seq LIMIT $2) AS found) AS weighed"
);

/// Lanes whose places are further apart, in budgets, are read one by one: what is between them would be read again.
const APART_MAX: i64 = 4;

/// Rows of a key are published while others of it may be behind the cursor: those in memory and those that are asked for by key
/// are left out. NOT IN and a subquery, which is hashed; `<> ALL` is not when the plan is generic.
macro_rules! not_in_memory {
    () => {
        " (seq, id) NOT IN (SELECT * FROM unnest($3::bigint[], $4::uuid[]))"
    };
}
macro_rules! not_by_key {
    () => {
        "key IS NULL OR key NOT IN (SELECT unnest($5::text[]))"
    };
}

/// What was written by transactions that had not ended by the snapshot, in any order: those that it names, and all from a number on.
///
/// A range and its order, as in [`FORWARD`]: only the index of transactions has it. Asked for `xact = ANY(…)`, a planner that sees a
/// small table may read all that is ready, and goes on so for as long as the session lives.
///
/// Most of what is new is ahead of its lane's place. So that is told by a place in an array, before anything else is looked up for a row;
/// a join would compare each row with every lane. Read across, a lane was read beyond its cursor: rows there are none that the relay
/// asks for by key.
pub(super) const LATE: &str = within_budget!(
    "$6",
    "$7",
    concat!(
        "SELECT late.* FROM (
            SELECT xip AS low, xip AS high FROM pg_snapshot_xip($8::text::pg_snapshot) AS xip
             UNION ALL SELECT pg_snapshot_xmax($8::text::pg_snapshot), '18446744073709551615') AS written
         CROSS JOIN LATERAL (",
        columns!(in_trouble),
        " WHERE state = 0 AND xact >= written.low AND xact <= written.high
            AND seq <= ($2::bigint[])[array_position($1::smallint[], lane)] AND",
        not_in_memory!(),
        " AND (seq > ($9::bigint[])[array_position($1::smallint[], lane)] OR ",
        not_by_key!(),
        ") ORDER BY xact) AS late"
    )
);

/// All that is below the cursors, in order, whoever wrote it.
pub(super) const BELOW: &str = within_budget!(
    "$6",
    "$7",
    concat!(
        "SELECT late.* FROM unnest($1::smallint[], $2::bigint[]) AS look (lane, after) CROSS JOIN LATERAL (",
        columns!(in_trouble),
        " WHERE state = 0 AND (lane, seq) > (look.lane, (-9223372036854775808)::bigint) AND (lane, seq) <= (look.lane, look.after) AND",
        not_in_memory!(),
        " AND (",
        not_by_key!(),
        ") ORDER BY lane, seq LIMIT $6) AS late"
    )
);

pub(super) const SPILLED: &str = within_budget!(
    "$5",
    "$6",
    concat!(
        columns!(),
        " WHERE state = 0 AND key = $2 AND (lane, seq) > ($1, $3) AND (lane, seq) <= ($1, $4)
          ORDER BY lane, seq LIMIT $5"
    )
);

const HOLDING: &str = "SELECT lane FROM outbox_lane WHERE lane = $1 AND epoch = $2";

/// How often it is looked below the cursors for rows whose transaction says nothing: those that a logical replica copies bring
/// the number of another server's. At least so far apart, and at most this part of the time.
const SWEEP_PAUSE: Duration = Duration::from_secs(60);
const SWEEP_SHARE: u32 = 500;
const SWEEP_LIMIT: &str = "BEGIN; SET LOCAL statement_timeout = '1s'";

/// The session that reads.
pub(super) struct Reader {
    client: Client,
    now: Statement,
    forward: Statement,
    across: Statement,
    late: Statement,
    below: Statement,
    seen: Seen,
    /// Rows that are larger than an equal part of the bytes have come: what is read next is counted.
    are_large: bool,
    sweep_at: Instant,
}

impl Reader {
    pub(super) async fn begin(client: Client) -> Result<Self, Error> {
        let (now, forward, across) =
            futures::try_join!(client.prepare(NOW), client.prepare(FORWARD), client.prepare(ACROSS))?;
        let (late, below) = futures::try_join!(client.prepare(LATE), client.prepare(BELOW))?;
        let (seen, sweep_at) = (Seen::default(), Instant::now() + SWEEP_PAUSE);
        Ok(Self { client, now, forward, across, late, below, seen, are_large: false, sweep_at })
    }

    pub(super) fn is_open(&self) -> bool {
        !self.client.is_closed()
    }

    /// Rows behind the cursors, and those that have become visible below them.
    ///
    /// The statements travel together. They are answered one after the other, so the look below sees everything that the look
    /// ahead has seen: no row comes without the earlier ones of its key.
    pub(super) async fn fetch(&mut self, look: &Look, budget: Budget) -> Result<Fetched, Error> {
        let Some(snapshot) = self.seen.oldest(&look.cursors) else {
            return Ok(Fetched { is_void: true, ..Fetched::default() });
        };
        let places = self.seen.places(&look.cursors);
        let columns = Columns::of(look, &places, budget);
        let across = self.across_from(&places, budget);
        // `try_join` polls in this order, and the first poll sends.
        let (now, ahead, late) = futures::try_join!(
            self.client.query_one(&self.now, &[]),
            self.ahead(&columns, across, budget),
            self.late(&columns, snapshot.as_deref()),
        )?;
        let mut taken = Taken::new(budget);
        taken.take(&late, usize::MAX)?;
        if taken.is_cut() {
            // More than fits, and in no order.
            return self.below(look, budget, &columns).await;
        }
        taken.sort();
        let (fetched, upto) = match across {
            Some(after) => self.read_across(taken, &ahead, look, &places, after)?,
            None => self.read_by_lane(taken, &ahead, look, &places)?,
        };
        self.seen.add(&look.cursors, &upto, &fetched, now.get(0));
        // One that was cut by a large row has brought nothing, and has something to do.
        if fetched.len() == 0 && fetched.more.is_empty() && self.sweep_at <= Instant::now() {
            return self.sweep(look, budget, &columns).await;
        }
        Ok(fetched)
    }

    /// From where all lanes can be read as one, if that is cheaper.
    fn across_from(&self, places: &[Seq], budget: Budget) -> Option<Seq> {
        let (first, last) = (places.iter().min()?, places.iter().max()?);
        let are_near = last.0.saturating_sub(first.0) <= APART_MAX * number(budget.rows);
        // At the beginning there may be any number of held rows in front.
        let is_cheaper = places.len() == usize::from(LANES) && *first > Seq::START && are_near;
        (is_cheaper && !self.are_large).then_some(*first)
    }

    async fn ahead(
        &self,
        columns: &Columns<'_>,
        across: Option<Seq>,
        budget: Budget,
    ) -> Result<Vec<Row>, Error> {
        match across {
            Some(Seq(after)) => {
                let share = number(share(budget));
                self.client.query(&self.across, &[&after, &columns.limit, &share]).await
            }
            None => {
                let part = number(part(budget, columns.lanes.len()));
                self.client
                    .query(&self.forward, &[&columns.lanes, &columns.after, &part, &columns.bytes])
                    .await
            }
        }
    }

    /// In the order of the lanes. What was found, and up to where each lane was read.
    fn read_by_lane(
        &mut self,
        mut taken: Taken,
        ahead: &[Row],
        look: &Look,
        places: &[Seq],
    ) -> Result<(Fetched, Vec<Seq>), Error> {
        let budget = taken.budget();
        taken.take(ahead, part(budget, places.len()))?;
        let fetched = taken.fetched();
        self.are_large = fetched.rows.iter().any(|row| row.weight() > share(budget));
        let last = fetched.places().map(|(_, seq)| seq).max().unwrap_or(Seq::START);
        let upto = lanes(look).zip(places).map(|(lane, place)| {
            // The relay's cursor stands at the last row of a lane that was cut.
            if fetched.more.contains(&lane) { *place } else { last.max(*place) }
        });
        let upto = upto.collect();
        Ok((fetched, upto))
    }

    /// In the order of the numbers.
    fn read_across(
        &mut self,
        mut taken: Taken,
        ahead: &[Row],
        look: &Look,
        places: &[Seq],
        after: Seq,
    ) -> Result<(Fetched, Vec<Seq>), Error> {
        let place_of: HashMap<Lane, Seq> = lanes(look).zip(places.iter().copied()).collect();
        let is_new = |lane, seq| place_of.get(&lane).is_some_and(|place| seq > *place);
        let upto = taken.take_across(ahead, is_new)?.unwrap_or(after);
        self.are_large = taken.met_large();
        let is_cut = taken.is_cut() || ahead.len() > taken.budget().rows;
        let mut fetched = taken.fetched();
        if is_cut {
            fetched.more = lanes(look).collect();
        }
        Ok((fetched, places.iter().map(|place| upto.max(*place)).collect()))
    }

    async fn late(&self, columns: &Columns<'_>, snapshot: Option<&str>) -> Result<Vec<Row>, Error> {
        let Some(snapshot) = snapshot else { return Ok(Vec::new()) };
        let mut parameters = columns.below().to_vec();
        parameters.extend([&snapshot as &(dyn ToSql + Sync), &columns.cursors]);
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
            fetched.more = lanes(look).collect();
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
}

/// What a look is about, as parameters.
struct Columns<'a> {
    lanes: Vec<i16>,
    after: Vec<i64>,
    cursors: Vec<i64>,
    in_memory: (Vec<i64>, Vec<Uuid>),
    spilled: Vec<&'a str>,
    limit: i64,
    bytes: i64,
}

impl<'a> Columns<'a> {
    fn of(look: &'a Look, places: &[Seq], budget: Budget) -> Self {
        Self {
            lanes: lanes(look).map(small).collect(),
            after: places.iter().map(|place| place.0).collect(),
            cursors: look.cursors.iter().map(|cursor| cursor.after.0).collect(),
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

fn lanes(look: &Look) -> impl Iterator<Item = Lane> {
    look.cursors.iter().map(|cursor| cursor.lease.lane)
}

/// An equal part for each lane, so that the backlog of one does not fill the window.
fn part(budget: Budget, lanes: usize) -> usize {
    budget.rows.div_ceil(lanes.max(1)).max(1)
}

/// An equal part of the bytes for each row.
fn share(budget: Budget) -> usize {
    budget.bytes / budget.rows.max(1)
}

pub(super) async fn spilled(
    client: &impl GenericClient,
    lease: Lease,
    key: &str,
    range: (Seq, Seq),
    budget: Budget,
) -> Result<Fetched, Error> {
    let (statement, holding) = (client.prepare_cached(SPILLED).await?, client.prepare_cached(HOLDING).await?);
    let (lane, (after, upto)) = (small(lease.lane), range);
    let (limit, bytes) = (limit(budget), number(budget.bytes));
    let parameters: [&(dyn ToSql + Sync); 6] = [&lane, &key, &after.0, &upto.0, &limit, &bytes];
    let named: [&(dyn ToSql + Sync); 2] = [&lane, &lease.epoch.0];
    // Answered in this order: a lease that holds then has held while the rows were read.
    let (rows, holding) =
        futures::try_join!(client.query(&statement, &parameters), client.query_opt(&holding, &named))?;
    if holding.is_none() {
        return Ok(Fetched { is_void: true, ..Fetched::default() });
    }
    let mut taken = Taken::new(budget);
    taken.take(&rows, usize::MAX)?;
    Ok(taken.fetched())
}
