//! A task waits until the receiver is dropped, and removes the entry then: a little later, and a task for each request.
//~ fails with: tasks that were spawned for a single request

//~ region
//~ region
    let (answer, answered) = oneshot::channel();
    let id = waiting.add(answer);
    let (alive, gone) = oneshot::channel::<()>();
    let table = waiting.clone();
    tokio::spawn(async move {
        gone.await.ok();
        table.remove(id);
    });
    let _alive = alive;
    connection.send((id, article.to_owned())).await.ok()?;
    answered.await.ok()
