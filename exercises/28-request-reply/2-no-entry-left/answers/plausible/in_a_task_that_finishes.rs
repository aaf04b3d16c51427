//! Moves the request into a task, which cannot be dropped by the caller. It removes its entry when the answer arrives.
//~ fails with: request 1 has been dropped while it waited for its answer: the table must have 0 entries, and has 1

//~ region
//~ region
    let (article, connection, waiting) = (article.to_owned(), connection.clone(), waiting.clone());
    let asking = tokio::spawn(async move {
        let (answer, answered) = oneshot::channel();
        let id = waiting.add(answer);
        let sent = connection.send((id, article)).await;
        let dollars = if sent.is_ok() { answered.await.ok() } else { None };
        waiting.remove(id);
        dollars
    });
    asking.await.ok()?
