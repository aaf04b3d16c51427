//! Dead letters on topics: what a handler has failed on for good goes to `$DLQ.<topic>`, and its headers say why.
//!
//! Keeps none and publishes none: that is for who has a bus. The headers stand in
//! [`TopicHandlerBuilder::dead_letter`](crate::TopicHandlerBuilder::dead_letter).

use std::fmt;

use crate::base::clock::unix_ms;
use crate::pipeline::failure::Failure;
use crate::{Message, Pattern};

/// Characters of a reason; the rest of a longer one is left away.
const REASON_MAX: usize = 1_024;

/// Who has failed, as far as it has these.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FailedBy<'a> {
    pub(crate) name: Option<&'a str>,
    pub(crate) pattern: Option<&'a Pattern>,
    pub(crate) group: Option<&'a str>,
}

/// Turns a message into its dead letter; `None` for one that is a dead letter already.
///
/// Without the reply topic: who reads dead letters is not who was asked.
pub(crate) fn letter(message: &Message, by: FailedBy<'_>, failure: &Failure) -> Option<Message> {
    let mut letter = Message::new(message.topic.dead_letter()?, message.payload.clone())
        .with_headers(message.headers().clone());
    let mut set = |name: &str, value: &dyn fmt::Display| {
        let line = value.to_string().replace(['\r', '\n'], " ");
        letter.headers_mut().set(name, line).expect("a name of ours, and one line");
    };
    set("dlq-topic", &message.topic);
    if let Some(pattern) = by.pattern {
        set("dlq-pattern", pattern);
    }
    if let Some(name) = by.name {
        set("dlq-subscription", &name);
    }
    if let Some(group) = by.group {
        set("dlq-group", &group);
    }
    set("dlq-kind", &failure.kind);
    set("dlq-reason", &failure.reason.chars().take(REASON_MAX).collect::<String>());
    set("dlq-attempts", &failure.attempts);
    set("dlq-first-at-ms", &unix_ms(failure.first_at));
    set("dlq-last-at-ms", &unix_ms(failure.last_at));
    Some(letter)
}
