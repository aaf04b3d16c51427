//! A row of the outbox as the relay's statements bring it, and as many of them as fit.

use bytes::Bytes;
use tokio_postgres::{Error, Row};
use uuid::Uuid;

use crate::message::{Envelope, MessageId, RowId, Seq};
use crate::store::{Behind, Broken, Budget, Fetched, Lane, Lease};

/// The columns that a row is made of.
macro_rules! columns {
    () => {
        "SELECT seq, lane, id, topic, key, headers AS headers_json, payload, false AS in_trouble FROM outbox"
    };
    // A row of a key in trouble comes without its payload.
    (in_trouble) => {
        "SELECT seq, lane, id, topic, key, headers AS headers_json, payload,
                EXISTS (SELECT FROM outbox_trouble WHERE kind = 0 AND name = key) AS in_trouble FROM outbox"
    };
}
pub(super) use columns;

/// Rows of `$found`, in its order; without payload and headers from where the bytes are used up, so that no more than the
/// budget and one row is sent. One row more than the budget tells that there are more.
///
/// The inner LIMIT stops the scan: rows come from a nested loop, lane by lane, and nothing sorts them.
macro_rules! within_budget {
    ($rows:literal, $bytes:literal, $found:expr) => {
        within_budget!($rows, $bytes, "true", $found)
    };
    ($rows:literal, $bytes:literal, $part:literal, $found:expr) => {
        concat!(
            "SELECT seq, lane, id, topic, key, CASE WHEN fits THEN headers END,
                    CASE WHEN fits AND NOT in_trouble THEN payload END, in_trouble
               FROM (SELECT *, sum(weight) OVER (ROWS UNBOUNDED PRECEDING) - weight <= ",
            $bytes,
            " AND ",
            $part,
            " AS fits
                       FROM (SELECT found.*, headers_json::text AS headers,
                                    CASE WHEN in_trouble THEN 0
                                         ELSE octet_length(headers_json::text) + octet_length(payload) END AS weight
                               FROM (",
            $found,
            ") AS found LIMIT ",
            $rows,
            ") AS weighed) AS counted"
        )
    };
}
pub(super) use within_budget;

/// Rows within the budget, lane by lane.
pub(super) struct Taken {
    budget: Budget,
    bytes: usize,
    fetched: Fetched,
    /// The budget is used up.
    is_full: bool,
    /// A row came without its payload.
    met_large: bool,
}

/// What one row turned out to be.
enum Read {
    Ready(Envelope),
    Behind(Behind),
    Broken(Broken),
    /// It came without its payload.
    Cut,
}

impl Taken {
    pub(super) fn new(budget: Budget) -> Self {
        Self { budget, bytes: 0, fetched: Fetched::default(), is_full: false, met_large: false }
    }

    pub(super) fn budget(&self) -> Budget {
        self.budget
    }

    /// At most `part` rows of each lane.
    pub(super) fn take(&mut self, rows: &[Row], part: usize) -> Result<(), Error> {
        for rows in rows.chunk_by(|a, b| a.get::<_, i16>(1) == b.get::<_, i16>(1)) {
            for (place, row) in rows.iter().enumerate() {
                self.is_full |= self.fetched.len() == self.budget.rows;
                let is_wanted = !self.is_full && place < part;
                let is_taken = is_wanted && self.add(read(row)?);
                if !is_taken {
                    self.is_full |= is_wanted;
                    self.fetched.more.push(lane(row.try_get(1)?));
                    break;
                }
            }
        }
        Ok(())
    }

    /// The new ones among rows of any lane, in their order. The last that was met.
    pub(super) fn take_across(
        &mut self,
        rows: &[Row],
        is_new: impl Fn(Lane, Seq) -> bool,
    ) -> Result<Option<Seq>, Error> {
        let mut met = None;
        for row in rows {
            let seq = Seq(row.try_get(0)?);
            if is_new(lane(row.try_get(1)?), seq) {
                self.is_full |= self.fetched.len() == self.budget.rows;
                self.is_full = self.is_full || !self.add(read(row)?);
            }
            if self.is_full {
                break;
            }
            met = Some(seq);
        }
        Ok(met)
    }

    /// A row is larger than what the statement brings.
    pub(super) fn met_large(&self) -> bool {
        self.met_large
    }

    /// Something was left out.
    pub(super) fn is_cut(&self) -> bool {
        self.is_full
    }

    /// What came in any order is in that of its lanes.
    pub(super) fn sort(&mut self) {
        self.fetched.rows.sort_unstable_by_key(|row| (row.lane, row.seq));
        self.fetched.behind.sort_unstable_by_key(|behind| (behind.lane, behind.row));
    }

    pub(super) fn fetched(self) -> Fetched {
        self.fetched
    }

    fn add(&mut self, read: Read) -> bool {
        match read {
            Read::Ready(envelope) => {
                let is_first = self.fetched.len() == 0;
                if !is_first && self.bytes + envelope.weight() > self.budget.bytes {
                    return false;
                }
                self.bytes += envelope.weight();
                self.fetched.rows.push(envelope);
            }
            Read::Behind(behind) => self.fetched.behind.push(behind),
            Read::Broken(broken) => self.fetched.broken.push(broken),
            Read::Cut => {
                self.met_large = true;
                return false;
            }
        }
        true
    }
}

fn read(row: &Row) -> Result<Read, Error> {
    let (lane, id) = (lane(row.try_get(1)?), row_id(row)?);
    if row.try_get(7)? {
        let read = row.try_get::<_, &str>(4);
        return Ok(read.map_or_else(
            |error| Read::Broken(broken(lane, id, &error)),
            |key| Read::Behind(Behind { lane, key: key.into(), row: id }),
        ));
    }
    match envelope(row) {
        Ok(Some(envelope)) => Ok(Read::Ready(envelope)),
        Ok(None) => Ok(Read::Cut),
        Err(error) => Ok(Read::Broken(broken(lane, id, &error))),
    }
}

/// A database without an encoding keeps whatever bytes a program calls text. One row of them must not stop the others.
pub(super) fn broken(lane: Lane, row: RowId, error: &Error) -> Broken {
    let why = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    Broken { lane, row, error: format!("it cannot be read: {error}: {why}") }
}

/// `None` for a row that came without its payload.
pub(super) fn envelope(row: &Row) -> Result<Option<Envelope>, Error> {
    let (Some(headers_json), Some(payload)) = (row.try_get(5)?, row.try_get::<_, Option<&[u8]>>(6)?) else {
        return Ok(None);
    };
    let RowId { seq, id } = row_id(row)?;
    Ok(Some(Envelope {
        seq,
        lane: lane(row.try_get(1)?),
        id,
        topic: row.try_get(3)?,
        key: row.try_get::<_, Option<&str>>(4)?.map(Into::into),
        headers_json,
        payload: Bytes::copy_from_slice(payload),
    }))
}

fn row_id(row: &Row) -> Result<RowId, Error> {
    Ok(RowId { seq: Seq(row.try_get(0)?), id: MessageId::from(row.try_get::<_, Uuid>(2)?) })
}

pub(super) fn lane(lane: i16) -> Lane {
    Lane(u16::try_from(lane).unwrap_or(0))
}

/// As the column has it: there are 64 lanes.
pub(super) fn small(lane: Lane) -> i16 {
    i16::try_from(lane.0).unwrap_or(i16::MAX)
}

/// One more than allowed, to know whether there are more.
pub(super) fn limit(budget: Budget) -> i64 {
    number(budget.rows).saturating_add(1)
}

pub(super) fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX - 1)
}

/// As two arrays for `unnest`.
pub(super) fn ids(rows: &[RowId]) -> (Vec<i64>, Vec<Uuid>) {
    rows.iter().map(|row| (row.seq.0, uuid(row.id))).unzip()
}

/// As two arrays for `unnest`: a lane and its epoch fence a write.
pub(super) fn fences(leases: &[Lease]) -> (Vec<i16>, Vec<i64>) {
    leases.iter().map(|lease| (small(lease.lane), lease.epoch.0)).unzip()
}

pub(super) fn uuid(id: MessageId) -> Uuid {
    Uuid::from_bytes(*id.as_bytes())
}
