//! Drops first what has arrived meanwhile, and compares the ids of what follows.
while self.answers.try_recv().is_ok() {
    self.late += 1;
}
self.last_id += 1;
let request = Request { id: self.last_id, article: article.to_owned() };
let asking = async {
    self.requests.send(request).await.ok()?;
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
