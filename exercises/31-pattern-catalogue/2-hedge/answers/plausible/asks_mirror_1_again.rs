//! Drops the question after 60 ms, and asks mirror 1 again beside mirror 2.
//~ fails with: mirror 1 logged "is dropped", which was not expected
if let Ok(Ok(size)) = timeout(PATIENCE, mirrors.ask(1)).await {
    return Ok(size);
}
let mut first = pin!(mirrors.ask(1));
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
