//! [`Matched`]: everybody who wants a message on one topic.
//!
//! Found by the router; what they are offered is the business of `offered`.

use std::sync::Arc;

use crate::mailbox::Mailbox;
use crate::outlet::Port;
use crate::router::SubscriberId;
use crate::subscribers::Subscribers;

/// The mailboxes and outlets that match a topic.
#[derive(Debug, Default)]
pub(crate) struct Matched {
    pub(crate) plain: Vec<Arc<Mailbox>>,
    pub(crate) outlets: Vec<Arc<Port>>,
    pub(crate) groups: Vec<MatchedGroup>,
}

/// Everybody who belongs to a queue group; one of them gets the message.
#[derive(Debug)]
pub(crate) struct MatchedGroup {
    pub(crate) name: Arc<str>,
    /// In order of subscription; several when several patterns of this group match.
    pub(crate) mailboxes: Vec<Arc<Mailbox>>,
    /// How many receive from all of these mailboxes.
    pub(crate) members: usize,
    pub(crate) outlets: Vec<Arc<Port>>,
}

impl Matched {
    /// Somebody wants only messages with certain headers.
    pub(crate) fn is_selective(&self) -> bool {
        let mut all = self.plain.iter().chain(self.groups.iter().flat_map(|group| &group.mailboxes));
        all.any(|mailbox| mailbox.settings.headers.is_selective())
    }

    /// Nobody wants it but this one.
    #[inline]
    pub(crate) fn only(&self) -> Option<&Mailbox> {
        match &*self.plain {
            [only] if self.outlets.is_empty() && self.groups.is_empty() => Some(only),
            _ => None,
        }
    }

    /// This mailbox, if a message would go there and nowhere else of its group, and nobody but one receives from it.
    pub(crate) fn of_one_receiver(&self, id: SubscriberId) -> Option<&Arc<Mailbox>> {
        let alone = self.groups.iter().filter(|group| group.members == 1 && group.outlets.is_empty());
        let mut candidates = self.plain.iter().chain(alone.flat_map(|group| &group.mailboxes));
        candidates.find(|mailbox| mailbox.id == id)
    }

    /// Somebody would keep it, and not only write it down.
    #[cfg(feature = "wire")]
    pub(crate) fn has_mailboxes(&self) -> bool {
        !self.plain.is_empty() || self.groups.iter().any(|group| !group.mailboxes.is_empty())
    }

    /// Nobody wants it.
    pub(crate) fn is_empty(&self) -> bool {
        self.plain.is_empty() && self.outlets.is_empty() && self.groups.is_empty()
    }

    pub(crate) fn add(&mut self, subscribers: &Subscribers) {
        self.plain.extend(subscribers.plain().cloned());
        for (name, group) in &subscribers.groups {
            let matched = self.group(name);
            matched.mailboxes.push(Arc::clone(&group.mailbox));
            matched.members += group.members;
        }
        for port in subscribers.outlets.values() {
            match &port.group {
                None => self.outlets.push(Arc::clone(port)),
                Some(name) => self.group(name).outlets.push(Arc::clone(port)),
            }
        }
    }

    /// Looked for from the start: a topic has few groups.
    fn group(&mut self, name: &Arc<str>) -> &mut MatchedGroup {
        let at = self.groups.iter().position(|group| group.name == *name).unwrap_or_else(|| {
            let (name, mailboxes, outlets) = (Arc::clone(name), Vec::new(), Vec::new());
            self.groups.push(MatchedGroup { name, mailboxes, members: 0, outlets });
            self.groups.len() - 1
        });
        &mut self.groups[at]
    }

    /// Within a group the one who came first stands first.
    pub(crate) fn sort(&mut self) {
        for group in &mut self.groups {
            group.mailboxes.sort_by_key(|mailbox| mailbox.id);
            group.outlets.sort_by_key(|port| port.id);
        }
    }
}
