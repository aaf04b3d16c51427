//! The guard takes all entries with it, also those of requests that are still waiting.
//~ fails with: the task of one request of three has been aborted: the table must have 2 entries, and has 0

//~ region
struct Entry<'a>(&'a Waiting);

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}
//~ region
    let (answer, answered) = oneshot::channel();
    let id = waiting.add(answer);
    let _entry = Entry(waiting);
    connection.send((id, article.to_owned())).await.ok()?;
    answered.await.ok()
