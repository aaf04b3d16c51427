//! The first outcome wins, even if it is an error.
//~ fails with: at 95 ms mirror 2 logged "is dropped", which was not expected
let mut first = pin!(mirrors.ask(1));
match timeout(PATIENCE, &mut first).await {
    Ok(Ok(size)) => return Ok(size),
    Ok(Err(_down)) => return mirrors.ask(2).await,
    Err(_elapsed) => {}
}
tokio::select! {
    answer = &mut first => answer,
    answer = mirrors.ask(2) => answer,
}
