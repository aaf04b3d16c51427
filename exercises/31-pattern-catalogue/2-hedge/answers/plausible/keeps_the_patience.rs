//! Asks mirror 2 after 60 ms, although mirror 1 has failed before.
//~ fails with: mirror 2 was expected to log "is asked" at 25 ms, but did so at 60 ms
let mut first = pin!(mirrors.ask(1));
let mut second = pin!(async {
    tokio::time::sleep(PATIENCE).await;
    mirrors.ask(2).await
});
tokio::select! {
    answer = &mut first => match answer {
        Ok(size) => Ok(size),
        Err(_down) => second.await,
    },
    answer = &mut second => match answer {
        Ok(size) => Ok(size),
        Err(_down) => first.await,
    },
}
