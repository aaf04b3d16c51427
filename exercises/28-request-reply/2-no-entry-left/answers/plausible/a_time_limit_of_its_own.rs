//! Gives up by itself after 5 s. The caller may give up before that.
//~ fails with: request 1 has been dropped while it waited for its answer: the table must have 0 entries, and has 1

//~ region
//~ region
    let (answer, answered) = oneshot::channel();
    let id = waiting.add(answer);
    let asking = async {
        connection.send((id, article.to_owned())).await.ok()?;
        answered.await.ok()
    };
    let dollars = tokio::time::timeout(std::time::Duration::from_secs(5), asking).await;
    waiting.remove(id);
    dollars.ok()?
