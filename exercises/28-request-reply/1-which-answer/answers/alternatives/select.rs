//! `select!` with a sleep that is created once.
use std::pin::pin;
use tokio::time::sleep;

let mut time_is_up = pin!(sleep(limit));
self.last_id += 1;
let request = Request { id: self.last_id, article: article.to_owned() };
tokio::select! {
    sent = self.requests.send(request) => if sent.is_err() { return Err(NoAnswer::Gone) },
    () = &mut time_is_up => return Err(NoAnswer::Timeout),
}
loop {
    tokio::select! {
        received = self.answers.recv() => match received {
            Some(answer) if answer.id == self.last_id => return Ok(answer.dollars),
            Some(_late) => self.late += 1,
            None => return Err(NoAnswer::Gone),
        },
        () = &mut time_is_up => return Err(NoAnswer::Timeout),
    }
}
