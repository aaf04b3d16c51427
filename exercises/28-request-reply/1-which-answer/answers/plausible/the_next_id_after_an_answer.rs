//! Counts the id up when an answer has arrived: after a request that gave up, the next one has the same id.
//~ fails with: at 130 ms till logged "sofa costs $41, late answers: 0"
let id = self.last_id + 1;
let request = Request { id, article: article.to_owned() };
let asking = async {
    self.requests.send(request).await.ok()?;
    loop {
        let answer = self.answers.recv().await?;
        if answer.id == id {
            self.last_id = id;
            return Some(answer.dollars);
        }
        self.late += 1;
    }
};
match timeout(limit, asking).await {
    Ok(price) => price.ok_or(NoAnswer::Gone),
    Err(_elapsed) => Err(NoAnswer::Timeout),
}
