//! The most free slots are not the fewest orders.
//~ fails with: the member with 5 slots should have the orders
let mut wanting: Vec<_> = members.iter().filter(|member| (member.wants)(&order)).collect();
wanting.sort_by_key(|member| std::cmp::Reverse(member.mailbox.capacity()));
wanting.iter().any(|member| member.mailbox.try_send(order).is_ok())
