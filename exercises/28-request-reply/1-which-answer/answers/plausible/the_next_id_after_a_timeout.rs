//! Counts the id up at the end, whether an answer has come or not. A request that is dropped never gets there.
//~ fails with: at 60 ms till logged "sofa costs $41, late answers: 0"
let id = self.last_id;
let request = Request { id, article: article.to_owned() };
let asking = async {
    self.requests.send(request).await.ok()?;
    loop {
        let answer = self.answers.recv().await?;
        if answer.id == id {
            return Some(answer.dollars);
        }
        self.late += 1;
    }
};
let answered = timeout(limit, asking).await;
self.last_id += 1;
match answered {
    Ok(price) => price.ok_or(NoAnswer::Gone),
    Err(_elapsed) => Err(NoAnswer::Timeout),
}
