//! The entry and its receiver are one value, which is created with the entry.

//~ region
struct Answered {
    waiting: Waiting,
    id: u64,
    dollars: oneshot::Receiver<u32>,
}

impl Answered {
    fn new(waiting: &Waiting) -> Self {
        let (answer, dollars) = oneshot::channel();
        Self { id: waiting.add(answer), waiting: waiting.clone(), dollars }
    }
}

impl Drop for Answered {
    fn drop(&mut self) {
        self.waiting.remove(self.id);
    }
}
//~ region
    let mut answered = Answered::new(waiting);
    connection.send((answered.id, article.to_owned())).await.ok()?;
    (&mut answered.dollars).await.ok()
