//! When the member with the shortest queue has left, nobody gets it.
//~ fails with: publish returned 0 for order 31
let wanting = members.iter().filter(|member| (member.wants)(&order));
let shortest = wanting.min_by_key(|member| member.queued());
shortest.is_some_and(|member| member.mailbox.try_send(order).is_ok())
