//! Gives it to each member that wants it.
//~ fails with: the member for all orders should have the orders
let wanting = members.iter().filter(|member| (member.wants)(&order));
wanting.filter(|member| member.mailbox.try_send(order).is_ok()).count() > 0
