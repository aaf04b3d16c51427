//! Waits for a slot in the queue without a limit.
//~ fails with: sofa: after an hour `price` still waits
self.last_id += 1;
let request = Request { id: self.last_id, article: article.to_owned() };
if self.requests.send(request).await.is_err() {
    return Err(NoAnswer::Gone);
}
let asking = async {
    loop {
        let answer = self.answers.recv().await?;
        if answer.id == self.last_id {
            return Some(answer.dollars);
        }
        self.late += 1;
    }
};
match timeout(limit, asking).await {
    Ok(price) => price.ok_or(NoAnswer::Gone),
    Err(_elapsed) => Err(NoAnswer::Timeout),
}
