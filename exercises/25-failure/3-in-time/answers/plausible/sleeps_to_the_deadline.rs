//! Pauses although nothing can follow, and tells the caller late.
//~ fails with: caller was expected to log "is told NotPublished" at 441 ms, but did so at 830 ms: 389 ms too late
let mut outcome = Outcome::NotPublished;
let mut pause = Duration::from_millis(100);
while Instant::now() < deadline {
    let limit = LIMIT.min(deadline - Instant::now());
    match timeout(limit, broker.publish(event)).await {
        Ok(Ok(())) => return Outcome::Published,
        Ok(Err(Refused)) => {}
        Err(_) => outcome = Outcome::Unknown,
    }
    sleep(pause.min(deadline.saturating_duration_since(Instant::now()))).await;
    pause *= 2;
}
outcome
