//! Each request removes the entries of those that have given up before. Until it comes, they stay.
//~ fails with: request 1 has been dropped while it waited for its answer: the table must have 0 entries, and has 1

//~ region
//~ region
    waiting.table().answers.retain(|_, answer| !answer.is_closed());
    let (answer, answered) = oneshot::channel();
    let id = waiting.add(answer);
    let sent = connection.send((id, article.to_owned())).await;
    let dollars = if sent.is_ok() { answered.await.ok() } else { None };
    waiting.remove(id);
    dollars
