//! `select_ok` of `futures` is the second half: the first success, or the error that came last.
let mut first = Box::pin(mirrors.ask(1));
match timeout(PATIENCE, &mut first).await {
    Ok(Ok(size)) => return Ok(size),
    Ok(Err(_down)) => return mirrors.ask(2).await,
    Err(_elapsed) => {}
}
let second: futures::future::BoxFuture<'_, _> = Box::pin(mirrors.ask(2));
futures::future::select_ok([first, second]).await.map(|(size, _loser)| size)
