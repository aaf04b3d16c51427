//! Keeps the answers and counts them at the end.
let mut answers = Vec::with_capacity(events.len());
for event in events {
    answers.push(publish(event, broker.clone()).await);
}
answers.into_iter().filter(|&confirmed| confirmed).count()
