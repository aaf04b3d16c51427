//! Makes the first attempt without a look at the clock. A timeout of nothing polls its future once, which sends the request.
//~ fails with: caller was expected to log "is told NotPublished", but logged "is told Unknown"
let mut outcome = Outcome::NotPublished;
let mut pause = Duration::from_millis(100);
loop {
    let limit = LIMIT.min(deadline.saturating_duration_since(Instant::now()));
    match timeout(limit, broker.publish(event)).await {
        Ok(Ok(())) => return Outcome::Published,
        Ok(Err(Refused)) => {}
        Err(_) => outcome = Outcome::Unknown,
    }
    if Instant::now() + pause >= deadline {
        return outcome;
    }
    sleep(pause).await;
    pause *= 2;
}
