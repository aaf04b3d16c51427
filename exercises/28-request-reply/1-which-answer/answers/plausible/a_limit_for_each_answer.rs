//! Each late answer starts the time limit again.
//~ fails with: at 240 ms till was expected to log "bed: no answer in 200 ms, late answers: 2"
self.last_id += 1;
let request = Request { id: self.last_id, article: article.to_owned() };
if self.requests.send_timeout(request, limit).await.is_err() {
    return Err(if self.requests.is_closed() { NoAnswer::Gone } else { NoAnswer::Timeout });
}
loop {
    let Ok(received) = timeout(limit, self.answers.recv()).await else { return Err(NoAnswer::Timeout) };
    let Some(answer) = received else { return Err(NoAnswer::Gone) };
    if answer.id == self.last_id {
        return Ok(answer.dollars);
    }
    self.late += 1;
}
