//! Does not return the wrong price, but gives up although its own answer is under way.
//~ fails with: at 130 ms till logged "sofa: the service has gone, late answers: 1"
self.last_id += 1;
let request = Request { id: self.last_id, article: article.to_owned() };
let asking = async {
    self.requests.send(request).await.ok()?;
    let answer = self.answers.recv().await?;
    if answer.id != self.last_id {
        self.late += 1;
        return None;
    }
    Some(answer.dollars)
};
match timeout(limit, asking).await {
    Ok(price) => price.ok_or(NoAnswer::Gone),
    Err(_elapsed) => Err(NoAnswer::Timeout),
}
