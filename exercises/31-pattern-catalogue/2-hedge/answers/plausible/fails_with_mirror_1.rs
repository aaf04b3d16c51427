//! An early error of mirror 1 is returned, and mirror 2 is not asked.
//~ fails with: mirror 2 was expected to log "is asked", but never did
let mut first = pin!(mirrors.ask(1));
if let Ok(answer) = timeout(PATIENCE, &mut first).await {
    return answer;
}
let mut second = pin!(mirrors.ask(2));
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
