//! Returns whether somebody wanted it, and not whether somebody has it.
//~ fails with: publish returned 1 for order 23
let mut wanting: Vec<_> = members.iter().filter(|member| (member.wants)(&order)).collect();
wanting.sort_by_key(|member| member.queued());
for member in &wanting {
    if member.mailbox.try_send(order).is_ok() {
        break;
    }
}
!wanting.is_empty()
