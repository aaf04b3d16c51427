//! Subscriptions talk to a task, which has a weak sender and passes on what they want.

//~ region
        let (leave, leaving) = mpsc::channel::<oneshot::Sender<bool>>(1);
        tokio::spawn(forward(leaving, id, self.commands.downgrade()));
        Subscription { id, orders, leave }
//~ region
    leave: mpsc::Sender<oneshot::Sender<bool>>,
//~ region
        let (answer, answered) = oneshot::channel();
        self.leave.send(answer).await.is_ok() && answered.await.unwrap_or(false)
    }
}

async fn forward(
    mut leaving: mpsc::Receiver<oneshot::Sender<bool>>,
    id: u64,
    commands: mpsc::WeakSender<Command>,
) {
    while let Some(answer) = leaving.recv().await {
        let Some(commands) = commands.upgrade() else { continue };
        let (done, unsubscribed) = oneshot::channel();
        let sent = commands.send(Command::Unsubscribe { id, done }).await;
        answer.send(sent.is_ok() && unsubscribed.await.is_ok()).ok();
    }
}

impl Subscription {
    /// Which of them it is.
    pub fn id(&self) -> u64 {
        self.id
