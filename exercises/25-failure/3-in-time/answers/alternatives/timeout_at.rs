//! Two deadlines for each attempt, of which the earlier counts.
let mut outcome = Outcome::NotPublished;
for failures in 1.. {
    if Instant::now() >= deadline {
        break;
    }
    let answer = tokio::time::timeout_at(deadline.min(Instant::now() + LIMIT), broker.publish(event)).await;
    if answer == Ok(Ok(())) {
        return Outcome::Published;
    }
    if answer.is_err() {
        outcome = Outcome::Unknown;
    }
    let next = Instant::now() + Duration::from_millis(100) * 2_u32.saturating_pow(failures - 1);
    if next >= deadline {
        break;
    }
    tokio::time::sleep_until(next).await;
}
outcome
