//! Messages as arrays, a column each, for one statement that writes them all.

use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::message::{Message, MessageId};

const TYPES: [Type; 5] =
    [Type::UUID_ARRAY, Type::TEXT_ARRAY, Type::TEXT_ARRAY, Type::TEXT_ARRAY, Type::BYTEA_ARRAY];

/// For `unnest`, in this order.
pub(super) struct Columns<'a> {
    ids: Vec<Uuid>,
    topics: Vec<&'a str>,
    keys: Vec<Option<&'a str>>,
    headers: Vec<String>,
    payloads: Vec<&'a [u8]>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(messages: &'a [Message]) -> Self {
        let headers =
            |message: &Message| serde_json::to_string(&message.headers).expect("a map of strings is JSON");
        Self {
            ids: messages.iter().map(|message| uuid(message.id)).collect(),
            topics: messages.iter().map(|message| message.topic.as_ref()).collect(),
            keys: messages.iter().map(|message| message.key.as_deref()).collect(),
            headers: messages.iter().map(headers).collect(),
            payloads: messages.iter().map(|message| &message.payload[..]).collect(),
        }
    }

    pub(super) fn ids(&self) -> &[Uuid] {
        &self.ids
    }

    pub(super) fn parameters(&self) -> Vec<(&(dyn ToSql + Sync), Type)> {
        let values: [&(dyn ToSql + Sync); 5] =
            [&self.ids, &self.topics, &self.keys, &self.headers, &self.payloads];
        values.into_iter().zip(TYPES).collect()
    }
}

pub(super) fn uuid(id: MessageId) -> Uuid {
    Uuid::from_bytes(*id.as_bytes())
}
