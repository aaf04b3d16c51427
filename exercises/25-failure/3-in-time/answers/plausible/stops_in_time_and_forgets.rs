//! Remembers inside of the future that the timeout drops.
//~ fails with: is told NotPublished", but
let attempts = async {
    let mut outcome = Outcome::NotPublished;
    let mut pause = Duration::from_millis(100);
    loop {
        match timeout(LIMIT, broker.publish(event)).await {
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
};
tokio::time::timeout_at(deadline, attempts).await.unwrap_or(Outcome::Unknown)
