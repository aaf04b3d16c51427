//! Sorts the wrong way round.
//~ fails with: the member for all orders should have the orders
let mut wanting: Vec<_> = members.iter().filter(|member| (member.wants)(&order)).collect();
wanting.sort_by_key(|member| member.queued());
wanting.iter().rev().any(|member| member.mailbox.try_send(order).is_ok())
