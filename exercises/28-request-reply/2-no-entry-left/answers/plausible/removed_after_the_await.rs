//! The chapter's wrong version, with the early return of `?` repaired. A dropped future does not get to the last lines.
//~ fails with: request 1 has been dropped while it waited for its answer: the table must have 0 entries, and has 1

//~ region
//~ region
    let (answer, answered) = oneshot::channel();
    let id = waiting.add(answer);
    let dollars = match connection.send((id, article.to_owned())).await {
        Ok(()) => answered.await.ok(),
        Err(_ended) => None,
    };
    waiting.remove(id);
    dollars
