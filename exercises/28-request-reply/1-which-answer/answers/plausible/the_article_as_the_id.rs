//! Derives the id from the article: two requests for the same article have the same one.
//~ fails with: at 61 ms till logged "lamp costs $41, late answers: 0", which was not expected
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

let id = BuildHasherDefault::<DefaultHasher>::default().hash_one(article);
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
match timeout(limit, asking).await {
    Ok(price) => price.ok_or(NoAnswer::Gone),
    Err(_elapsed) => Err(NoAnswer::Timeout),
}
