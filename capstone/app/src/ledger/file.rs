//! Ledgers as files: one JSON object a line, appended and never changed.

use std::io::{self, BufRead, Write};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{Committed, Delivered, Fault};

/// Appends one line, in a single write, so that a killed writer leaves at most its last line torn.
///
/// # Errors
///
/// Those of the writer.
pub fn append(ledger: &mut impl Write, record: &impl Serialize) -> io::Result<()> {
    let mut line = serde_json::to_vec(record)?;
    line.push(b'\n');
    ledger.write_all(&line)
}

/// The records of a ledger; `file` is only its name, for errors.
pub fn read<T: Record>(file: &str, ledger: impl BufRead) -> impl Iterator<Item = Result<T, LedgerError>> {
    ledger.split(b'\n').zip(1..).map(move |(bytes, line)| {
        let record = bytes.map_err(|error| Wrong { field: None, problem: error.to_string() }).and_then(parse);
        record.map_err(|Wrong { field, problem }| LedgerError { file: file.to_owned(), line, field, problem })
    })
}

fn parse<T: Record>(line: Vec<u8>) -> Result<T, Wrong> {
    let object = serde_json::from_slice(&line);
    let mut fields = Fields(object.map_err(|error| Wrong { field: None, problem: error.to_string() })?);
    let record = T::from_fields(&mut fields)?;
    match fields.0.keys().next() {
        Some(unknown) => Err(Wrong::field(unknown, "is unknown")),
        None => Ok(record),
    }
}

/// A ledger cannot be read. If it is the last line, its writer may have been killed in the middle of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}{}: {problem}", .field.as_ref().map(|f| format!(", field {f:?}")).unwrap_or_default())]
pub struct LedgerError {
    /// The file.
    pub file: String,
    /// Counted from 1.
    pub line: u64,
    /// The field, unless the line as a whole is wrong.
    pub field: Option<String>,
    /// What is wrong.
    pub problem: String,
}

/// What is wrong with a line.
#[derive(Debug)]
pub struct Wrong {
    field: Option<String>,
    problem: String,
}

impl Wrong {
    fn field(name: &str, problem: impl ToString) -> Self {
        Self { field: Some(name.to_owned()), problem: problem.to_string() }
    }
}

/// A line of a ledger.
///
/// # Why not derive `Deserialize`?
///
/// Its errors name the column of a wrong value, but not the field.
pub trait Record: Sized {
    /// Takes out the fields that it has.
    ///
    /// # Errors
    ///
    /// A field is missing or wrong.
    fn from_fields(fields: &mut Fields) -> Result<Self, Wrong>;
}

/// The fields of a line that nobody has taken yet.
#[derive(Debug)]
pub struct Fields(Map<String, Value>);

impl Fields {
    fn required<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, Wrong> {
        self.optional(name)?.ok_or_else(|| Wrong::field(name, "is missing"))
    }

    fn optional<T: DeserializeOwned>(&mut self, name: &str) -> Result<Option<T>, Wrong> {
        let value = self.0.remove(name).map(serde_json::from_value);
        value.transpose().map_err(|error| Wrong::field(name, error))
    }

    /// The number is needed only where there is a key.
    fn seq(&mut self, key: Option<&String>) -> Result<u64, Wrong> {
        match (self.optional("seq")?, key) {
            (None, Some(_)) => Err(Wrong::field("seq", "is missing, and there is a key")),
            (Some(0), Some(_)) => Err(Wrong::field("seq", "is 0, and counts from 1")),
            (seq, _) => Ok(seq.unwrap_or(0)),
        }
    }
}

impl Record for Committed {
    fn from_fields(fields: &mut Fields) -> Result<Self, Wrong> {
        let key = fields.optional("key")?;
        Ok(Self {
            id: fields.required("id")?,
            seq: fields.seq(key.as_ref())?,
            key,
            crc32: fields.required("crc32")?,
            outcome: fields.required("outcome")?,
        })
    }
}

impl Record for Delivered {
    fn from_fields(fields: &mut Fields) -> Result<Self, Wrong> {
        let key = fields.optional("key")?;
        Ok(Self {
            subscriber: fields.required("subscriber")?,
            id: fields.required("id")?,
            seq: fields.seq(key.as_ref())?,
            key,
            crc32: fields.required("crc32")?,
        })
    }
}

impl Record for Fault {
    fn from_fields(fields: &mut Fields) -> Result<Self, Wrong> {
        Ok(Self { at_ms: fields.required("at_ms")?, kind: fields.required("kind")? })
    }
}
