//! A refusal makes it forget that an earlier attempt had no answer.
//~ fails with: is told Unknown", but logged "is told NotPublished"
let mut outcome = Outcome::NotPublished;
let mut pause = Duration::from_millis(100);
while Instant::now() < deadline {
    let limit = LIMIT.min(deadline - Instant::now());
    outcome = match timeout(limit, broker.publish(event)).await {
        Ok(Ok(())) => return Outcome::Published,
        Ok(Err(Refused)) => Outcome::NotPublished,
        Err(_) => Outcome::Unknown,
    };
    if Instant::now() + pause >= deadline {
        break;
    }
    sleep(pause).await;
    pause *= 2;
}
outcome
