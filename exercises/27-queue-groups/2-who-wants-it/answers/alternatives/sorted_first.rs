//! Sorts all members, and asks each when it comes to it.
let mut shortest: Vec<_> = members.iter().collect();
shortest.sort_by_key(|member| member.queued());
shortest.iter().any(|member| (member.wants)(&order) && member.mailbox.try_send(order).is_ok())
