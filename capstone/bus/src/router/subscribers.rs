//! [`Subscribers`]: everybody with the same pattern.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::SubscribeError;
use crate::base::id::SubscriberId;
use crate::mailbox::mailbox::Mailbox;
use crate::mailbox::spec::Spec;
use crate::router::outlet::Port;

/// Trees, because thousands may share one pattern and leave in any order.
#[derive(Debug, Default)]
pub(crate) struct Subscribers {
    /// In place, because most patterns have one subscription, and the smallest tree has room for eleven.
    first: Option<(SubscriberId, Arc<Mailbox>)>,
    others: BTreeMap<SubscriberId, Arc<Mailbox>>,
    pub(crate) groups: BTreeMap<Arc<str>, Group>,
    pub(crate) outlets: BTreeMap<SubscriberId, Arc<Port>>,
}

/// A mailbox and how many receive from it.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) mailbox: Arc<Mailbox>,
    /// At least one; the last one to leave takes the mailbox along.
    pub(crate) members: usize,
}

impl Subscribers {
    /// Opens a mailbox, or joins the one of the group. Also returns the group whose place it takes: its mailbox has ended
    /// at this very moment, and whoever ended it has not yet taken it out.
    pub(crate) fn join(
        &mut self,
        id: SubscriberId,
        spec: &Spec,
    ) -> Result<(Arc<Mailbox>, Option<Group>), SubscribeError> {
        let Some(name) = &spec.group else {
            let mailbox = Mailbox::new(id, spec);
            match &self.first {
                None => self.first = Some((id, Arc::clone(&mailbox))),
                Some(_) => drop(self.others.insert(id, Arc::clone(&mailbox))),
            }
            return Ok((mailbox, None));
        };
        if let Some(group) = self.groups.get_mut(name)
            && group.mailbox.close_reason().is_none()
        {
            if group.mailbox.settings != spec.settings {
                let (pattern, group) = (spec.pattern.clone(), name.as_ref().into());
                return Err(SubscribeError::GroupDiffers { pattern, group });
            }
            group.members += 1;
            return Ok((Arc::clone(&group.mailbox), None));
        }
        let mailbox = Mailbox::new(id, spec);
        let group = Group { mailbox: Arc::clone(&mailbox), members: 1 };
        Ok((mailbox, self.groups.insert(Arc::clone(name), group)))
    }

    /// Takes one subscription out, and says whether the mailbox has nobody left.
    pub(crate) fn leave(&mut self, mailbox: &Mailbox) -> bool {
        let last = match &mailbox.group {
            None => true,
            Some(name) => {
                self.groups.get_mut(name).expect("it is there until its last member leaves").leave()
            }
        };
        if last {
            self.remove(mailbox);
        }
        last
    }

    /// Takes a mailbox out with all who receive from it.
    pub(crate) fn remove(&mut self, mailbox: &Mailbox) -> Option<Group> {
        match &mailbox.group {
            None => {
                let first = self.first.take_if(|(id, _)| *id == mailbox.id).map(|(_, mailbox)| mailbox);
                let removed = first.or_else(|| self.others.remove(&mailbox.id));
                removed.map(|mailbox| Group { mailbox, members: 1 })
            }
            Some(name) if self.groups.get(name).is_some_and(|group| group.mailbox.id == mailbox.id) => {
                self.groups.remove(name)
            }
            Some(_) => None,
        }
    }

    /// The mailboxes of no group.
    pub(crate) fn plain(&self) -> impl Iterator<Item = &Arc<Mailbox>> {
        self.first.iter().map(|(_, mailbox)| mailbox).chain(self.others.values())
    }

    /// Each with the number of those who receive from it.
    pub(crate) fn mailboxes(&self) -> impl Iterator<Item = (Arc<Mailbox>, usize)> {
        let plain = self.plain().map(|mailbox| (Arc::clone(mailbox), 1));
        plain.chain(self.groups.values().map(|group| (Arc::clone(&group.mailbox), group.members)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none() && self.others.is_empty() && self.groups.is_empty() && self.outlets.is_empty()
    }
}

impl Group {
    /// Says whether nobody is left.
    pub(crate) fn leave(&mut self) -> bool {
        self.members -= 1;
        self.members == 0
    }
}
