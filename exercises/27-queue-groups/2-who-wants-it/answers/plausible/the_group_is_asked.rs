//! Asks whether anybody wants it, and then gives it to the member with the shortest queue, which may be another.
//~ fails with: the reviewer should have the orders
let wanted = members.iter().any(|member| (member.wants)(&order));
let mut chosen: Vec<_> = members.iter().collect();
chosen.sort_by_key(|member| member.queued());
wanted && chosen.iter().any(|member| member.mailbox.try_send(order).is_ok())
