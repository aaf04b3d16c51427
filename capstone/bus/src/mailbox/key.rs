//! [`KeyedBy`]: which messages belong together, so that one of them is worked on at a time.
//!
//! Decides nothing about turns: that is the mailbox's business.

use std::any::{Any, TypeId};
use std::fmt;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;

use crate::Message;
use crate::base::caught;

/// # Why a hash and not the key itself?
///
/// Any type can be a key, and a long one takes no more memory than a short one. Should two keys share 64 bits, they only
/// take turns as if they were one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(pub(crate) u64);

/// How a message's key is found. Two are equal when they can be told to be the same.
///
/// One pointer: nearly all mailboxes have none, and each has the room for it.
#[derive(Clone)]
pub(crate) struct KeyedBy(Arc<Inner>);

struct Inner {
    source: Source,
    find: Box<Find>,
}

type Find = dyn Fn(&Message) -> Option<Key> + Send + Sync;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    Header(Box<str>),
    /// A closure's type is that of its expression.
    Function(TypeId),
}

/// The function that was to say the key.
#[derive(Debug)]
pub(crate) struct Panicked;

impl KeyedBy {
    /// The first header of this name.
    pub(crate) fn header(name: Box<str>) -> Self {
        let (source, hasher) = (Source::Header(name.clone()), RandomState::new());
        let find =
            move |message: &Message| message.headers().get(&name).map(|value| Key(hasher.hash_one(value)));
        Self(Arc::new(Inner { source, find: Box::new(find) }))
    }

    pub(crate) fn function<K: Hash>(key: impl Fn(&Message) -> Option<K> + Send + Sync + 'static) -> Self {
        let (source, hasher) = (Source::Function(key.type_id()), RandomState::new());
        let find = move |message: &Message| key(message).map(|key| Key(hasher.hash_one(key)));
        Self(Arc::new(Inner { source, find: Box::new(find) }))
    }

    /// Runs code of the subscriber.
    pub(crate) fn key_of(&self, message: &Message) -> Result<Option<Key>, Panicked> {
        caught::call(|| (self.0.find)(message)).map_err(|_text| Panicked)
    }
}

impl PartialEq for KeyedBy {
    fn eq(&self, other: &Self) -> bool {
        self.0.source == other.0.source
    }
}

impl Eq for KeyedBy {}

impl fmt::Debug for KeyedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("KeyedBy").field(&self.0.source).finish()
    }
}
