//! The number is set only if it is still the one that was read; otherwise the customer tries again.
//~ region
    Swap { from: u32, to: u32, answer: oneshot::Sender<bool> },
//~ region
        loop {
            let from = self.free().await;
            let Some(to) = from.checked_sub(seats) else {
                return false;
            };
            let (answer, answered) = oneshot::channel();
            self.ask(Request::Swap { from, to, answer }).await;
            if answered.await.expect("the actor answers") {
                return true;
            }
        }
//~ region
            Request::Swap { from, to, answer } => {
                let unchanged = free == from;
                if unchanged {
                    free = to;
                }
                answer.send(unchanged).ok()
            }
