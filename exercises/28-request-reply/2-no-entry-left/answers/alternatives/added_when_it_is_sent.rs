//! Reserves a slot first: a request that waits for one has no entry yet.

//~ region as solved
//~ region
    let slot = connection.reserve().await.ok()?;
    let (answer, answered) = oneshot::channel();
    let entry = Entry { waiting, id: waiting.add(answer) };
    slot.send((entry.id, article.to_owned()));
    answered.await.ok()
