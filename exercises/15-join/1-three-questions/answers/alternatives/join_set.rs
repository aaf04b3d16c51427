//! Tasks of a `JoinSet` are aborted when it is dropped, so no question outlives the page.
let mut tasks = tokio::task::JoinSet::new();
for question in 0..3 {
    let (services, product) = (services.clone(), product.to_owned());
    tasks.spawn(async move {
        let answer = match question {
            0 => services.stock(&product).await,
            1 => services.price(&product).await,
            _ => services.rating(&product).await,
        };
        (question, answer)
    });
}
let mut answers = tasks.join_all().await;
answers.sort();
Page { stock: answers[0].1, cents: answers[1].1, rating: answers[2].1 }
