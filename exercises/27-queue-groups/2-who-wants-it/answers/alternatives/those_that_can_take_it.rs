//! First all that can take it, then the shortest queue of them.
let can = |member: &&Member| (member.wants)(&order) && member.mailbox.capacity() > 0 && !member.mailbox.is_closed();
let shortest = members.iter().filter(can).min_by_key(|member| member.queued());
shortest.is_some_and(|member| member.mailbox.try_send(order).is_ok())
