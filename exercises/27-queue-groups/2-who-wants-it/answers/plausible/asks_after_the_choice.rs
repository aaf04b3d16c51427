//! The chapter's own mistake with other words: the member has been chosen, and only then is it asked.
//~ fails with: publish returned 0 for order
let mut chosen: Vec<_> = members.iter().collect();
chosen.sort_by_key(|member| member.queued());
match chosen.first() {
    Some(member) if (member.wants)(&order) => member.mailbox.try_send(order).is_ok(),
    _ => false, // not for this one
}
