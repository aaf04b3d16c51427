//! A customer who wants more seats than are free takes the rest.
//~ fails with: so 3 are free, but `free` says 0
//~ region
    Book { seats: u32, answer: oneshot::Sender<bool> },
//~ region
        let (answer, answered) = oneshot::channel();
        self.ask(Request::Book { seats, answer }).await;
        answered.await.expect("the actor answers")
//~ region
            Request::Book { seats, answer } => {
                let enough = free >= seats;
                free = free.saturating_sub(seats);
                answer.send(enough).ok()
            }
