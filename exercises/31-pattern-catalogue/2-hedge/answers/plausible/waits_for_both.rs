//! `join!` waits for the slower one.
//~ fails with: caller was expected to log "has 2048 bytes" at 110 ms, but did so at 145 ms
let mut first = pin!(mirrors.ask(1));
match timeout(PATIENCE, &mut first).await {
    Ok(Ok(size)) => return Ok(size),
    Ok(Err(_down)) => return mirrors.ask(2).await,
    Err(_elapsed) => {}
}
let (first, second) = tokio::join!(first, mirrors.ask(2));
second.or(first)
