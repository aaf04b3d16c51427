//! [`Listed`]: a stream and its consumers, as they are shown.

use std::fmt;
use std::time::Duration;

use capstone_outbox::stream::{ConsumerInfo, StreamConfig, StreamError, StreamInfo, Streams};
use serde::Serialize;

use crate::config::{Age, Size};

/// A stream and its consumers, as they are shown.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) messages: u64,
    pub(crate) bytes: u64,
    first: i64,
    pub(crate) last: i64,
    pub(crate) dead: u64,
    keeps: Keeps,
    pub(crate) consumers: Vec<Consumer>,
}

/// What a stream keeps, as it is shown.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Keeps {
    age_max_ms: Option<u64>,
    count_max: Option<u64>,
    bytes_max: Option<u64>,
}

impl Keeps {
    pub(crate) fn of(config: &StreamConfig) -> Self {
        let bounds = config.bounds();
        let ms = |age: Duration| u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
        Self { age_max_ms: bounds.age_max.map(ms), count_max: bounds.count_max, bytes_max: bounds.bytes_max }
    }
}

impl fmt::Display for Keeps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let age = self.age_max_ms.map(Duration::from_millis);
        let bounds = [
            age.map(|age| Age(Some(age)).to_string()),
            self.count_max.map(|count| format!("{count} messages")),
            self.bytes_max.map(|bytes| Size(Some(bytes)).to_string()),
        ];
        let bounds: Vec<String> = bounds.into_iter().flatten().collect();
        if bounds.is_empty() {
            return f.write_str("everything");
        }
        write!(f, "at most {}", bounds.join(", "))
    }
}

/// A consumer, as it is shown.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Consumer {
    pub(crate) name: String,
    ack_floor: i64,
    pub(crate) pending: u64,
    pub(crate) waiting: u64,
    pub(crate) missed: u64,
}

impl Listed {
    /// Each stream by itself: what one shows is older than what the next does.
    pub(crate) async fn all(streams: &Streams) -> Result<Vec<Self>, StreamError> {
        let mut all = Vec::new();
        for info in streams.list().await? {
            let consumers = streams.get(info.config.name()).await?.consumers().await?;
            all.push(Self::new(&info, consumers));
        }
        Ok(all)
    }

    fn new(info: &StreamInfo, consumers: Vec<ConsumerInfo>) -> Self {
        let consumer = |ConsumerInfo { name, ack_floor, pending, waiting, missed, .. }| Consumer {
            name,
            ack_floor: ack_floor.0,
            pending,
            waiting,
            missed,
        };
        Self {
            name: info.config.name().to_owned(),
            messages: info.messages(),
            bytes: info.bytes,
            first: info.first.0,
            last: info.last.0,
            dead: info.dead,
            keeps: Keeps::of(&info.config),
            consumers: consumers.into_iter().map(consumer).collect(),
        }
    }

    /// For people.
    pub(crate) fn text(&self) -> String {
        let Self { name, messages, bytes, first, last, dead, keeps, consumers } = self;
        let mut text = format!(
            "{name}  messages {messages} ({first} to {last})  bytes {bytes}  dead {dead}  keeps {keeps}\n"
        );
        for Consumer { name, ack_floor, pending, waiting, missed } in consumers {
            text += &format!(
                "  {name}  done up to {ack_floor}  pending {pending}  waiting {waiting}  missed {missed}\n"
            );
        }
        text
    }
}
