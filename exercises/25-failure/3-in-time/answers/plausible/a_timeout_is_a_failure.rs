//! The chapter's first mistake: an attempt without an answer is taken for one that was refused.
//~ fails with: is told Unknown", but logged "is told NotPublished"
let mut pause = Duration::from_millis(100);
while Instant::now() < deadline {
    let limit = LIMIT.min(deadline - Instant::now());
    if let Ok(Ok(())) = timeout(limit, broker.publish(event)).await {
        return Outcome::Published;
    }
    if Instant::now() + pause >= deadline {
        break;
    }
    sleep(pause).await;
    pause *= 2;
}
Outcome::NotPublished
