//! [`Run`]: messages in a row, which all mailboxes share.
//!
//! A batch is one thing in each mailbox, however many messages it has, and mailboxes share it. Its memory is freed as a
//! whole.

use std::ops::Deref;
use std::slice;
use std::sync::Arc;

use crate::Message;

/// Messages with nothing between them.
///
/// # Why is a part behind a pointer?
///
/// So that a message that was published alone, the usual case, is handed on in two registers. With the fields of a part in
/// place it goes through memory, written in halves and read as a whole, which a processor waits for: half as slow again.
#[derive(Clone, Debug)]
pub(crate) enum Run {
    One(Arc<Message>),
    Part(Arc<Part>),
}

/// Some of those that were published together.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) batch: Arc<[Message]>,
    pub(crate) first: usize,
    /// One behind the last.
    pub(crate) end: usize,
}

impl Run {
    #[inline]
    pub(crate) fn one(message: Message) -> Self {
        Self::One(Arc::new(message))
    }

    pub(crate) fn part(batch: &Arc<[Message]>, first: usize, end: usize) -> Self {
        Self::Part(Arc::new(Part { batch: Arc::clone(batch), first, end }))
    }

    /// Where the first of them is in its batch.
    #[inline]
    pub(crate) fn first(&self) -> usize {
        match self {
            Self::One(_) => 0,
            Self::Part(part) => part.first,
        }
    }

    /// The message at this place of the batch.
    #[inline]
    pub(crate) fn at(&self, at: usize) -> &Message {
        match self {
            Self::One(message) => message,
            Self::Part(part) => &part.batch[at],
        }
    }

    /// The first of them.
    pub(crate) fn front(&self) -> &Message {
        self.at(self.first())
    }

    /// From this place of the batch on.
    pub(crate) fn behind(self, at: usize) -> Self {
        match self {
            Self::Part(part) if part.first < at => Self::part(&part.batch, at, part.end),
            run => run,
        }
    }

    /// The first so many, and the others.
    pub(crate) fn split_at(self, messages: usize) -> (Option<Self>, Option<Self>) {
        match self {
            run if messages == 0 => (None, Some(run)),
            Self::Part(part) if messages < part.end - part.first => {
                let Part { batch, first, end } = &*part;
                let cut = first + messages;
                (Some(Self::part(batch, *first, cut)), Some(Self::part(batch, cut, *end)))
            }
            run => (Some(run), None),
        }
    }

    /// Each for itself.
    pub(crate) fn singles(&self) -> impl Iterator<Item = Self> {
        let first = self.first();
        (first..first + self.len()).map(|at| match self {
            Self::One(_) => self.clone(),
            Self::Part(part) => Self::part(&part.batch, at, at + 1),
        })
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

    /// The messages; those of a batch are copied.
    pub(crate) fn into_messages(self) -> Vec<Message> {
        match self {
            Self::One(message) => vec![Arc::unwrap_or_clone(message)],
            Self::Part(_) => self.to_vec(),
        }
    }

    /// The first of them, likewise.
    pub(crate) fn into_message(self) -> Message {
        let first = self.first();
        self.into_message_at(first)
    }

    /// The message at this place of the batch, copied if others have it or it is of a batch.
    pub(crate) fn into_message_at(self, at: usize) -> Message {
        match self {
            Self::One(message) => Arc::unwrap_or_clone(message),
            Self::Part(part) => part.batch[at].clone(),
        }
    }
}

impl FromIterator<Message> for Run {
    fn from_iter<M: IntoIterator<Item = Message>>(messages: M) -> Self {
        let batch: Arc<[Message]> = messages.into_iter().collect();
        Self::part(&batch, 0, batch.len())
    }
}

impl Deref for Run {
    type Target = [Message];

    #[inline]
    fn deref(&self) -> &[Message] {
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
        assert!(std::ptr::eq(&all[3], rest.front()), "it is still the same");
        assert!(all.clone().split_at(0).0.is_none() && all.split_at(4).1.is_none());
    }
}
