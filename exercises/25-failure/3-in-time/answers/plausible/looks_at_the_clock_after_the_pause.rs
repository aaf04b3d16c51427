//! Pauses first, and then sees that it is too late.
//~ fails with: caller was expected to log "is told NotPublished" at 441 ms, but did so at 841 ms: 400 ms too late
let mut outcome = Outcome::NotPublished;
let mut pause = Duration::from_millis(100);
while Instant::now() < deadline {
    let limit = LIMIT.min(deadline - Instant::now());
    match timeout(limit, broker.publish(event)).await {
        Ok(Ok(())) => return Outcome::Published,
        Ok(Err(Refused)) => {}
        Err(_) => outcome = Outcome::Unknown,
    }
    sleep(pause).await;
    pause *= 2;
}
outcome
