//! Dead letters: what a handler has failed on for good goes to `$DLQ.<topic>`, and says why.
//!
//! Keeps none: who wants them subscribes. See [`TopicHandlerBuilder::dead_letter`](crate::TopicHandlerBuilder::dead_letter).

use std::any::Any;
use std::fmt;

use crate::base::caught;
use crate::base::counter::Counter;
use crate::mailbox::mailbox::{Mailbox, Patience};
use crate::router::outlet::Origin;
use crate::shared::handlers::{Control, Stop, Stopping};
use crate::shared::shared::Shared;
use crate::{HandlerError, Message, PublishError, Topic};

/// Characters of a reason; the rest of a longer one is left away.
const REASON_MAX: usize = 1_024;

/// Why an attempt failed.
#[derive(Debug)]
pub(crate) enum Failure {
    Error(HandlerError),
    Panicked(String),
    /// The handler was stopped in the middle of it.
    CutOff,
}

impl Failure {
    pub(crate) fn panicked(payload: Box<dyn Any + Send>) -> Self {
        Self::Panicked(caught::text(payload))
    }

    pub(crate) fn is_permanent(&self) -> bool {
        matches!(self, Self::Error(error) if error.is_permanent())
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Error(error) if error.is_permanent() => "permanent",
            Self::Error(_) => "retryable",
            Self::Panicked(_) => "panic",
            Self::CutOff => "cut-off",
        }
    }
}

/// The error in one piece of text.
fn reason(failure: &Failure) -> String {
    caught::shown(failure).chars().take(REASON_MAX).collect()
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Error(error) => error.fmt(f),
            Self::Panicked(text) => write!(f, "panicked: {text}"),
            Self::CutOff => write!(f, "the handler was stopped while it ran"),
        }
    }
}

/// What has happened to a message before it was given up.
#[derive(Debug)]
pub(crate) struct Failures {
    pub(crate) attempts: u32,
    /// Milliseconds since 1970.
    pub(crate) first_at: u128,
    pub(crate) last_at: u128,
    pub(crate) last: Failure,
}

impl Failures {
    /// Another attempt has failed, at this time.
    pub(crate) fn and(so_far: Option<Self>, failure: Failure, at: u128) -> Self {
        match so_far {
            None => Self { attempts: 1, first_at: at, last_at: at, last: failure },
            Some(Self { attempts, first_at, last, .. }) => {
                let _panic = caught::let_go(last);
                Self { attempts: attempts.saturating_add(1), first_at, last_at: at, last: failure }
            }
        }
    }
}

impl Shared {
    /// Publishes the dead letter of a message that this mailbox had, and counts it. A handler that is to be cut off
    /// waits for no place.
    pub(crate) async fn dead_letter(
        &self,
        (message, from): (&Message, &Mailbox),
        failures: &Failures,
        (control, stopping): (&Control, &mut Stopping),
    ) {
        let Some(topic) = message.topic.dead_letter() else { return };
        let arrived =
            match self.offer_own(letter(topic, message, from, failures), Patience::Wait, Origin::LOCAL) {
                Ok(offered) => {
                    let somewhere = offered.is_enqueued();
                    // Cancel safe: what is dropped is a wait for a place, and that is what an abort is to end.
                    tokio::select! {
                        biased;
                        () = stopping.told(Stop::Abort) => somewhere,
                        receipt = offered.settle() => receipt.enqueued > 0,
                    }
                }
                Err(PublishError::Closed(_)) => false,
                Err(error) => unreachable!("the bus may publish to its own topics: {error}"),
            };
        let counters = if arrived {
            [&control.dead_letters, &self.dead_letters]
        } else {
            [&control.dead_letters_lost, &self.dead_letters_lost]
        };
        counters.into_iter().for_each(Counter::add_one);
    }
}

/// Without the reply topic: who reads dead letters is not who was asked.
fn letter(topic: Topic, message: &Message, from: &Mailbox, failures: &Failures) -> Message {
    let mut letter = Message::new(topic, message.payload.clone()).with_headers(message.headers().clone());
    let mut set = |name: &str, value: &dyn fmt::Display| {
        let line = value.to_string().replace(['\r', '\n'], " ");
        letter.headers_mut().set(name, line).expect("a name of ours, and one line");
    };
    set("dlq-topic", &message.topic);
    set("dlq-pattern", &from.pattern);
    if let Some(name) = &from.name {
        set("dlq-subscription", name);
    }
    if let Some(group) = &from.group {
        set("dlq-group", group);
    }
    set("dlq-kind", &failures.last.kind());
    set("dlq-reason", &reason(&failures.last));
    set("dlq-attempts", &failures.attempts);
    set("dlq-first-at-ms", &failures.first_at);
    set("dlq-last-at-ms", &failures.last_at);
    letter
}
