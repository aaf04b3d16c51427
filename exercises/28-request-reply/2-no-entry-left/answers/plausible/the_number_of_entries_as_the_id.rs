//! Gives the id back with the entry. The late answer to a dropped request then finds the next one.
//~ fails with: the second request has the id of the first one, which was dropped

//~ region
struct Entry<'a>(&'a Waiting, u64);

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        self.0.remove(self.1);
        let mut table = self.0.table();
        table.last_id = table.answers.keys().max().copied().unwrap_or(0);
    }
}
//~ region
    let (answer, answered) = oneshot::channel();
    let entry = Entry(waiting, waiting.add(answer));
    connection.send((entry.1, article.to_owned())).await.ok()?;
    answered.await.ok()
