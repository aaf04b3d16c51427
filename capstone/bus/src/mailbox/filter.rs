//! [`HeaderFilter`] and [`Filter`]: which messages of its pattern a subscription wants.
//!
//! What can be said of headers is decided when a message is offered, and costs the subscription no place. Code of the
//! subscriber's own runs on its own task, when it receives.

use std::fmt;
use std::sync::Arc;

use crate::Message;
use crate::base::caught;

/// Headers that a message must have, each with this value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HeaderFilter(Option<Arc<[Wanted]>>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    name: Box<str>,
    value: Box<str>,
}

impl HeaderFilter {
    pub(crate) fn and(self, name: Box<str>, value: Box<str>) -> Self {
        let before = self.0.iter().flat_map(|wanted| wanted.iter().cloned());
        Self(Some(before.chain([Wanted { name, value }]).collect()))
    }

    /// Whether there is a message that it refuses.
    pub(crate) fn is_selective(&self) -> bool {
        self.0.is_some()
    }

    /// A header that occurs several times may have the value anywhere.
    pub(crate) fn wants(&self, message: &Message) -> bool {
        let has =
            |wanted: &Wanted| message.headers().get_all(&wanted.name).any(|value| *value == *wanted.value);
        self.0.as_ref().is_none_or(|all| all.iter().all(has))
    }
}

/// Code of the subscriber.
#[derive(Clone)]
pub(crate) struct Filter(Arc<dyn Fn(&Message) -> bool + Send + Sync>);

impl Filter {
    pub(crate) fn new(wants: impl Fn(&Message) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(wants))
    }

    /// A panic is a no.
    pub(crate) fn wants(&self, message: &Message) -> bool {
        caught::call(|| (self.0)(message)).unwrap_or(false)
    }
}

impl fmt::Debug for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Filter")
    }
}
