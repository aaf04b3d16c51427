//! [`Run`]: messages in a row, which all mailboxes share.
//!
//! A mailbox keeps a batch as one thing, however many messages it has.

use std::ops::Deref;
use std::slice;
use std::sync::Arc;

use crate::Message;

/// Messages with nothing between them.
///
/// # Why a box?
///
/// So that a message that was published alone, the usual case, is handed on in two registers. With the fields of a part in
/// place it goes through memory, written in halves and read as a whole, which a processor waits for: half as slow again.
#[derive(Clone, Debug)]
pub(crate) enum Run {
    One(Arc<Message>),
    Part(Box<Part>),
}

/// Some of those that were published together.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    batch: Arc<[Arc<Message>]>,
    first: usize,
    /// One behind the last.
    end: usize,
}

impl Run {
    #[inline]
    pub(crate) fn one(message: Message) -> Self {
        Self::One(Arc::new(message))
    }

    /// The first of them.
    #[inline]
    pub(crate) fn front(&self) -> &Arc<Message> {
        match self {
            Self::One(message) => message,
            Self::Part(part) => &part.batch[part.first],
        }
    }

    /// The first so many, and the others.
    pub(crate) fn split_at(self, messages: usize) -> (Option<Self>, Option<Self>) {
        match self {
            run if messages == 0 => (None, Some(run)),
            run if messages >= run.len() => (Some(run), None),
            Self::One(_) => unreachable!("one is none or all"),
            Self::Part(mut part) => (Some(Self::Part(part.split_front(messages))), Some(Self::Part(part))),
        }
    }

    /// Each for itself.
    pub(crate) fn singles(&self) -> impl Iterator<Item = Self> {
        self.iter().map(|message| Self::One(Arc::clone(message)))
    }

    /// Cut where the topic changes.
    pub(crate) fn by_topic(&self) -> impl Iterator<Item = Self> {
        let mut rest = Some(self.clone());
        self.chunk_by(|a, b| a.topic == b.topic).filter_map(move |run| {
            let (front, behind) = rest.take()?.split_at(run.len());
            rest = behind;
            front
        })
    }

    /// The messages, copied only while somebody else has them.
    pub(crate) fn into_messages(self) -> Vec<Message> {
        match self {
            Self::One(message) => vec![Arc::unwrap_or_clone(message)],
            Self::Part(_) => self.iter().map(|message| Message::clone(message)).collect(),
        }
    }

    /// The first of them.
    pub(crate) fn into_message(self) -> Message {
        match self {
            Self::One(message) => Arc::unwrap_or_clone(message),
            Self::Part(_) => Message::clone(self.front()),
        }
    }
}

impl Part {
    /// The first so many, which are then gone from here.
    pub(crate) fn split_front(&mut self, messages: usize) -> Box<Self> {
        let front = Self { end: self.first + messages, ..self.clone() };
        self.first = front.end;
        Box::new(front)
    }

    /// The first of them, which is then gone from here.
    #[inline]
    pub(crate) fn pop(&mut self) -> Option<Arc<Message>> {
        let message = self.batch[..self.end].get(self.first)?;
        self.first += 1;
        Some(Arc::clone(message))
    }
}

impl FromIterator<Message> for Run {
    fn from_iter<M: IntoIterator<Item = Message>>(messages: M) -> Self {
        let batch: Arc<[Arc<Message>]> = messages.into_iter().map(Arc::new).collect();
        let end = batch.len();
        Self::Part(Box::new(Part { batch, first: 0, end }))
    }
}

impl Deref for Run {
    type Target = [Arc<Message>];

    #[inline]
    fn deref(&self) -> &[Arc<Message>] {
        match self {
            Self::One(message) => slice::from_ref(message),
            Self::Part(part) => &part.batch[part.first..part.end],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Topic;

    fn run(messages: &[(&str, &'static str)]) -> Run {
        let message = |(topic, payload): &(&str, &'static str)| {
            Message::new(Topic::new(*topic).expect("a topic"), *payload)
        };
        messages.iter().map(message).collect()
    }

    fn payloads(run: &Run) -> String {
        run.iter().map(|message| String::from_utf8_lossy(&message.payload).into_owned()).collect()
    }

    #[test]
    fn it_is_cut_without_copying_a_message() {
        let all = run(&[("t", "a"), ("t", "b"), ("u", "c"), ("t", "d")]);
        assert_eq!(all.by_topic().map(|run| payloads(&run)).collect::<Vec<_>>(), ["ab", "c", "d"]);
        assert_eq!(all.singles().map(|run| payloads(&run)).collect::<Vec<_>>(), ["a", "b", "c", "d"]);
        let (Some(front), Some(rest)) = all.clone().split_at(3) else { panic!("two parts") };
        assert_eq!((payloads(&front), payloads(&rest)), ("abc".into(), "d".into()));
        assert!(Arc::ptr_eq(&all[3], rest.front()), "it is still the same");
        assert!(all.clone().split_at(0).0.is_none() && all.split_at(4).1.is_none());
    }
}
