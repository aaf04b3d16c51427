//! `let _ =` drops the guard in the same line, and with it the entry.
//~ fails with: `price` returned Ok(None) before that

//~ region as solved
//~ region
    let (answer, answered) = oneshot::channel();
    let id = waiting.add(answer);
    let _ = Entry { waiting, id };
    connection.send((id, article.to_owned())).await.ok()?;
    answered.await.ok()
