//! The number is checked in one request and taken in another.
//~ fails with: 2 seats were free, and 4 were sold
//~ region
    Take { seats: u32, answer: oneshot::Sender<()> },
//~ region
        if self.free().await < seats {
            return false;
        }
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Take { seats, answer }).await;
        answered.await.expect("the actor answers");
        true
//~ region
            Request::Take { seats, answer } => {
                free = free.saturating_sub(seats);
                answer.send(()).ok()
            }
