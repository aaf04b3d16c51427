//! Makes all futures first. They do nothing until the loop awaits them, one after another.
let published: Vec<_> = events.into_iter().map(|event| publish(event, broker.clone())).collect();
let mut confirmed = 0;
for future in published {
    confirmed += usize::from(future.await);
}
confirmed
