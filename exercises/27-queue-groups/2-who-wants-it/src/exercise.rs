//! Exercise 27.2: a group whose members want different orders.

use std::collections::BTreeMap;

use tokio::sync::mpsc;

/// An order, in whole dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    pub number: u32,
    pub dollars: u32,
}

/// A member of a group.
struct Member {
    wants: Box<dyn Fn(&Order) -> bool>,
    mailbox: mpsc::Sender<Order>,
}

impl Member {
    /// How many orders are in its mailbox.
    fn queued(&self) -> usize {
        self.mailbox.max_capacity() - self.mailbox.capacity()
    }
}

/// Gives the order to one member of a group: of those that want it, to the one with the fewest orders in its mailbox. If that one
/// has left, or its mailbox is full, to the next. Returns whether a member has it now.
fn give(members: &[Member], order: Order) -> bool {
    // TODO: a member is chosen before it is known whether it wants the order. If it does not, or cannot take it, the order is lost.
    let Some(member) = members.iter().min_by_key(|member| member.queued()) else { return false };
    (member.wants)(&order) && member.mailbox.try_send(order).is_ok()
}

/// A topic with groups. Each group gives an order to one of its members. Do not change it.
#[derive(Default)]
pub struct Topic {
    groups: BTreeMap<&'static str, Vec<Member>>,
}

impl Topic {
    /// Joins the group with this name, and opens it if there is none. The member gets orders that it wants.
    pub fn join(
        &mut self,
        group: &'static str,
        slots: usize,
        wants: impl Fn(&Order) -> bool + 'static,
    ) -> mpsc::Receiver<Order> {
        let (mailbox, orders) = mpsc::channel(slots);
        self.groups.entry(group).or_default().push(Member { wants: Box::new(wants), mailbox });
        orders
    }

    /// Offers the order to each group. Returns how many of them have taken it.
    pub fn publish(&self, order: Order) -> usize {
        self.groups.values().filter(|members| give(members, order)).count()
    }
}
