//! The guard begins to live when the request has been sent: a request that is dropped in the queue leaves its entry.
//~ fails with: the request has been dropped while it waited for a slot in the queue: the table must have 0 entries, and has 1

//~ region as solved
//~ region
    let (answer, answered) = oneshot::channel();
    let id = waiting.add(answer);
    connection.send((id, article.to_owned())).await.ok()?;
    let _entry = Entry { waiting, id };
    answered.await.ok()
