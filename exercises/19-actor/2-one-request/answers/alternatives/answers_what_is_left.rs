//! The actor answers with the number that is left, or with none.
//~ region
    Book { seats: u32, answer: oneshot::Sender<Option<u32>> },
//~ region
        let (answer, left) = oneshot::channel();
        self.ask(Request::Book { seats, answer }).await;
        left.await.expect("the actor answers").is_some()
//~ region
            Request::Book { seats, answer } => {
                let left = free.checked_sub(seats);
                free = left.unwrap_or(free);
                answer.send(left).ok()
            }
