//! One timeout around all attempts, and what is known is kept outside of it.
use std::cell::Cell;

let (unknown, sent) = (Cell::new(false), Cell::new(false));
let attempts = async {
    let mut pause = Duration::from_millis(100);
    while Instant::now() < deadline {
        sent.set(true);
        let answer = timeout(LIMIT, broker.publish(event)).await;
        sent.set(false);
        match answer {
            Ok(Ok(())) => return true,
            Ok(Err(Refused)) => {}
            Err(_) => unknown.set(true),
        }
        if Instant::now() + pause >= deadline {
            break;
        }
        sleep(pause).await;
        pause *= 2;
    }
    false
};
match tokio::time::timeout_at(deadline, attempts).await {
    Ok(true) => Outcome::Published,
    _ if unknown.get() || sent.get() => Outcome::Unknown,
    _ => Outcome::NotPublished,
}
