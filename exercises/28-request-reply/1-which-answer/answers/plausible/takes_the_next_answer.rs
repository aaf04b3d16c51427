//! The chapter's wrong version: the requests have ids, and nobody looks at those of the answers.
//~ fails with: at 130 ms till logged "sofa costs $41, late answers: 0", which was not expected
self.last_id += 1;
let request = Request { id: self.last_id, article: article.to_owned() };
let asking = async {
    self.requests.send(request).await.ok()?;
    Some(self.answers.recv().await?.dollars)
};
match timeout(limit, asking).await {
    Ok(price) => price.ok_or(NoAnswer::Gone),
    Err(_elapsed) => Err(NoAnswer::Timeout),
}
