//! Starts no attempt unless it has the whole limit, and misses the last one.
//~ fails with: at 767 ms caller logged "is told NotPublished", which was not expected
let mut outcome = Outcome::NotPublished;
let mut pause = Duration::from_millis(100);
while Instant::now() < deadline {
    let limit = LIMIT.min(deadline - Instant::now());
    match timeout(limit, broker.publish(event)).await {
        Ok(Ok(())) => return Outcome::Published,
        Ok(Err(Refused)) => {}
        Err(_) => outcome = Outcome::Unknown,
    }
    if Instant::now() + pause + LIMIT > deadline {
        break;
    }
    sleep(pause).await;
    pause *= 2;
}
outcome
