//! Each attempt races with the earlier of the two ends.
let (mut unknown, mut pause) = (false, Duration::from_millis(100));
loop {
    let now = Instant::now();
    if now >= deadline {
        break;
    }
    tokio::select! {
        answer = broker.publish(event) => if answer.is_ok() { return Outcome::Published },
        () = sleep(LIMIT) => unknown = true,
        () = tokio::time::sleep_until(deadline) => { unknown = true; break }
    }
    if deadline.saturating_duration_since(Instant::now()) <= pause {
        break;
    }
    sleep(pause).await;
    pause *= 2;
}
if unknown { Outcome::Unknown } else { Outcome::NotPublished }
