//! The deadline is computed once, and `timeout_at` waits for it as often as needed.
use tokio::time::{Instant, timeout_at};

let deadline = Instant::now() + limit;
self.last_id += 1;
let request = Request { id: self.last_id, article: article.to_owned() };
match timeout_at(deadline, self.requests.send(request)).await {
    Ok(Ok(())) => {}
    Ok(Err(_gone)) => return Err(NoAnswer::Gone),
    Err(_elapsed) => return Err(NoAnswer::Timeout),
}
loop {
    match timeout_at(deadline, self.answers.recv()).await {
        Ok(Some(answer)) if answer.id == self.last_id => return Ok(answer.dollars),
        Ok(Some(_late)) => self.late += 1,
        Ok(None) => return Err(NoAnswer::Gone),
        Err(_elapsed) => return Err(NoAnswer::Timeout),
    }
}
