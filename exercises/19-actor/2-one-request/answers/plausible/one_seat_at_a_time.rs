//! Books seat by seat. When they run out half-way, the customer gets none and has taken some.
//~ fails with: so 3 are free, but `free` says 0
//~ region
    BookOne { answer: oneshot::Sender<bool> },
//~ region
        for _ in 0..seats {
            let (answer, answered) = oneshot::channel();
            self.ask(Request::BookOne { answer }).await;
            if !answered.await.expect("the actor answers") {
                return false;
            }
        }
        true
//~ region
            Request::BookOne { answer } => answer.send(take(&mut free, 1)).ok(),
