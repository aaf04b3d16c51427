//! Fetches batches of three, and each batch waits for its slowest page. (The chapter's `batches`.)
//~ fails with: a slot was free (2 of 3 in use)
while !waiting.is_empty() {
    let mut batch = JoinSet::new();
    for page in waiting.drain(..waiting.len().min(AT_ONCE)) {
        let site = site.clone();
        batch.spawn(async move { site.fetch(page).await });
    }
    for link in batch.join_all().await.into_iter().flatten() {
        if found.insert(link) {
            waiting.push_back(link);
        }
    }
}
found
