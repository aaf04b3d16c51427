//! [`Matched`]: everybody who wants a message on one topic.
//!
//! Found by the router; what they are offered is the business of `offered`.

use std::sync::Arc;

use crate::base::id::SubscriberId;
use crate::mailbox::mailbox::Mailbox;
use crate::router::outlet::Port;
use crate::router::subscribers::Subscribers;

/// The mailboxes and outlets that match a topic.
#[derive(Debug, Default)]
pub(crate) struct Matched {
    pub(crate) plain: Vec<Arc<Mailbox>>,
    pub(crate) outlets: Vec<Arc<Port>>,
    pub(crate) groups: Vec<MatchedGroup>,
}

/// Everybody who belongs to a queue group; one of them gets the message.
#[derive(Clone, Debug)]
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
        all.any(|mailbox| mailbox.is_selective())
    }

    /// Nobody wants it but this one, and that one whatever its headers.
    #[inline(always)]
    pub(crate) fn only(&self) -> Option<&Arc<Mailbox>> {
        match &*self.plain {
            [only] if self.outlets.is_empty() && self.groups.is_empty() && !only.is_selective() => Some(only),
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

    /// To be [sorted](Self::sort) when everybody is there.
    pub(crate) fn add(&mut self, subscribers: &Subscribers) {
        self.plain.extend(subscribers.plain().cloned());
        let groups = subscribers.groups.iter().map(|(name, group)| {
            let mailboxes = vec![Arc::clone(&group.mailbox)];
            MatchedGroup { name: Arc::clone(name), mailboxes, members: group.members, outlets: Vec::new() }
        });
        self.groups.extend(groups);
        for port in subscribers.outlets.values().map(Arc::clone) {
            match &port.group {
                None => self.outlets.push(port),
                Some(name) => self.groups.push(MatchedGroup {
                    name: Arc::clone(name),
                    mailboxes: Vec::new(),
                    members: 0,
                    outlets: vec![port],
                }),
            }
        }
    }

    /// Makes one of all groups with one name. Within it the one who came first stands first.
    ///
    /// A sort and no look-up for each, because a topic may have thousands of groups; those of one pattern are in order
    /// already, so it costs little.
    pub(crate) fn sort(&mut self) {
        self.groups.sort_by(|a, b| a.name.cmp(&b.name));
        self.groups.dedup_by(|later, group| {
            let same = later.name == group.name;
            if same {
                group.mailboxes.append(&mut later.mailboxes);
                group.outlets.append(&mut later.outlets);
                group.members += later.members;
            }
            same
        });
        for group in &mut self.groups {
            group.mailboxes.sort_by_key(|mailbox| mailbox.id);
            group.outlets.sort_by_key(|port| port.id);
        }
    }
}
