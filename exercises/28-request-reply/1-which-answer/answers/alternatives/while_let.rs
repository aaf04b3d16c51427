//! The same loop in another form, with ids that go down.
self.last_id = self.last_id.wrapping_sub(1);
let id = self.last_id;
let asking = async {
    let request = Request { id, article: article.to_owned() };
    self.requests.send(request).await.ok()?;
    while let Some(answer) = self.answers.recv().await {
        if answer.id == id {
            return Some(answer.dollars);
        }
        self.late += 1;
    }
    None
};
match timeout(limit, asking).await {
    Ok(price) => price.ok_or(NoAnswer::Gone),
    Err(_elapsed) => Err(NoAnswer::Timeout),
}
