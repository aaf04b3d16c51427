//! The actor does it right, but its answer is ignored.
//~ fails with: 2 seats were free, and 4 were sold
//~ region
    Book { seats: u32, answer: oneshot::Sender<bool> },
//~ region
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Book { seats, answer }).await;
        answered.await.is_ok()
//~ region
            Request::Book { seats, answer } => answer.send(take(&mut free, seats)).ok(),
