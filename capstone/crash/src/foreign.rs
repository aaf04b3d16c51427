//! Rows as other programs write them: with an `INSERT` of their own, and whatever the database takes.

use capstone_outbox::MessageId;

use crate::destination::{checksum, headers};
use crate::setting::DatabaseKind;
use crate::written::{Nature, Told, Written};

/// Texts are bytes: SQLite looks at none.
#[derive(Clone, Debug)]
pub(crate) struct ForeignRow {
    /// In words.
    pub(crate) what: &'static str,
    pub(crate) id: MessageId,
    pub(crate) topic: Vec<u8>,
    pub(crate) key: Option<Vec<u8>>,
    /// `None`: the column's default.
    pub(crate) headers: Option<Vec<u8>>,
    pub(crate) payload: Vec<u8>,
    /// Other columns, and what they are set to, in SQL.
    pub(crate) others: Option<(&'static str, &'static str)>,
}

impl ForeignRow {
    /// One of each kind that the database may take.
    pub(crate) fn all(database: DatabaseKind, round: u64) -> Vec<Self> {
        let key = |what: &str| Some(format!("foreign-{round}-{what}").into_bytes());
        let plain = |what| Self {
            what,
            id: MessageId::generate(),
            topic: b"orders.created".to_vec(),
            key: None,
            headers: Some(b"{}".to_vec()),
            payload: b"1".to_vec(),
            others: None,
        };
        let mut rows = vec![
            Self { headers: None, ..plain("the default's headers") },
            Self { payload: Vec::new(), ..plain("nothing in the payload") },
            Self {
                payload: b"{\"n\":1e999,\"m\":123456789012345678901234567890}".to_vec(),
                ..plain("huge numbers")
            },
            Self { headers: Some(b"{\"n\":1e999}".to_vec()), ..plain("a number in the headers") },
            Self { headers: Some(b"{\"n\":\"a\\u0000b\"}".to_vec()), ..plain("a NUL in the headers") },
            Self { headers: Some(b" {\"n\" :\n\"1\"}".to_vec()), ..plain("a line break in the headers") },
            Self { topic: Vec::new(), ..plain("no topic") },
            Self { topic: b"orders. ".to_vec(), ..plain("a blank in the topic") },
            Self { topic: b"orders.>".to_vec(), ..plain("a pattern for a topic") },
            Self { key: Some("\u{fc}".repeat(256).into_bytes()), ..plain("a long key") },
        ];
        match database {
            DatabaseKind::Sqlite => rows.extend([
                Self { topic: b"orders.M\xfcller".to_vec(), ..plain("a topic in Latin-1") },
                Self { key: Some(b"M\xfcller".to_vec()), ..plain("a key in Latin-1") },
                Self { headers: Some(b"{\"n\":\"M\xfcller\"}".to_vec()), ..plain("headers in Latin-1") },
                Self { headers: Some(b"{a:\"1\"}".to_vec()), ..plain("headers in JSON5") },
                Self { topic: b"orders.a\0b".to_vec(), ..plain("a NUL in the topic") },
                Self { key: Some(b"a\0b".to_vec()), ..plain("a NUL in the key") },
                Self { key: Some(Vec::new()), ..plain("a key without letters") },
                Self {
                    others: Some(("created_ms", "9223372036854775807")),
                    key: key("late"),
                    ..plain("the last moment")
                },
                Self {
                    others: Some(("created_ms", "-9223372036854775807 - 1")),
                    key: key("early"),
                    ..plain("the first moment")
                },
            ]),
            DatabaseKind::Postgres => rows.extend([
                Self {
                    others: Some(("created_at", "'infinity'")),
                    key: key("late"),
                    ..plain("the last moment")
                },
                Self {
                    others: Some(("created_at", "'-infinity'")),
                    key: key("early"),
                    ..plain("the first moment")
                },
                Self {
                    others: Some(("created_at", "'294276-12-31'")),
                    key: key("far"),
                    ..plain("a far moment")
                },
            ]),
        }
        rows
    }

    /// As the ledger has it.
    pub(crate) fn written(&self) -> Written {
        let key = self.key.as_ref().map(|key| String::from_utf8_lossy(key).into_owned());
        Written { key, crc32: self.crc32(), told: Told::Committed, nature: Nature::Foreign }
    }

    fn crc32(&self) -> u32 {
        let json = self.headers.as_deref().map_or("{}".into(), String::from_utf8_lossy);
        checksum(&String::from_utf8_lossy(&self.topic), &headers(&json), &self.payload)
    }
}
