//! Two tasks in a set, which aborts the loser when it is dropped.
let mut questions = tokio::task::JoinSet::new();
let ask = |mirror| {
    let mirrors = mirrors.clone();
    async move { mirrors.ask(mirror).await }
};
questions.spawn(ask(1));
let in_time = timeout(PATIENCE, questions.join_next()).await;
if let Ok(Some(Ok(Ok(size)))) = in_time {
    return Ok(size);
}
questions.spawn(ask(2));
let mut last = Err(Down("nothing was asked"));
while let Some(answer) = questions.join_next().await {
    last = answer.expect("no question panics");
    if last.is_ok() {
        break;
    }
}
last
