//! `select!` with patterns takes the first answer that is `Ok`. When both have failed, neither error is left.
//~ fails with: caller was expected to log "Error: no space", but logged "Error: both mirrors are down"
let mut first = pin!(mirrors.ask(1));
match timeout(PATIENCE, &mut first).await {
    Ok(Ok(size)) => return Ok(size),
    Ok(Err(_down)) => return mirrors.ask(2).await,
    Err(_elapsed) => {}
}
tokio::select! {
    Ok(size) = &mut first => Ok(size),
    Ok(size) = mirrors.ask(2) => Ok(size),
    else => Err(Down("both mirrors are down")),
}
