//! Drops the late answers, and counts none.
//~ fails with: till was expected to log "sofa costs $899, late answers: 1", but logged "sofa costs $899, late answers: 0"
self.last_id += 1;
let request = Request { id: self.last_id, article: article.to_owned() };
let asking = async {
    self.requests.send(request).await.ok()?;
    loop {
        let answer = self.answers.recv().await?;
        if answer.id == self.last_id {
            return Some(answer.dollars);
        }
    }
};
match timeout(limit, asking).await {
    Ok(price) => price.ok_or(NoAnswer::Gone),
    Err(_elapsed) => Err(NoAnswer::Timeout),
}
