//! A future of its own, whose drop removes the entry.

//~ region
struct Answer<'a> {
    waiting: &'a Waiting,
    id: u64,
    dollars: oneshot::Receiver<u32>,
}

impl Future for Answer<'_> {
    type Output = Option<u32>;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<u32>> {
        std::pin::Pin::new(&mut self.dollars).poll(context).map(Result::ok)
    }
}

impl Drop for Answer<'_> {
    fn drop(&mut self) {
        self.waiting.remove(self.id);
    }
}
//~ region
    let (answer, dollars) = oneshot::channel();
    let answer = Answer { waiting, id: waiting.add(answer), dollars };
    connection.send((answer.id, article.to_owned())).await.ok()?;
    answer.await
