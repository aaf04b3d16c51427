//! Every page has a task at once, but only three hold a permit and fetch.
let permits = std::sync::Arc::new(tokio::sync::Semaphore::new(AT_ONCE));
let mut tasks = JoinSet::new();
loop {
    for page in waiting.drain(..) {
        let (site, permits) = (site.clone(), permits.clone());
        tasks.spawn(async move {
            let _permit = permits.acquire().await.expect("never closed");
            site.fetch(page).await
        });
    }
    let Some(fetched) = tasks.join_next().await else { return found };
    waiting.extend(fetched.expect("no fetch panics").into_iter().filter(|link| found.insert(*link)));
}
