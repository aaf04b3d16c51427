//! Reserves a slot before it gives the order away.
let mut wanting: Vec<_> = members.iter().filter(|member| (member.wants)(&order)).collect();
wanting.sort_by_key(|member| member.queued());
for member in wanting {
    if let Ok(slot) = member.mailbox.try_reserve() {
        slot.send(order);
        return true;
    }
}
false
