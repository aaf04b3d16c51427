//! The first member that wants it, however long its queue is.
//~ fails with: the member for all orders should have the orders
members.iter().any(|member| (member.wants)(&order) && member.mailbox.try_send(order).is_ok())
