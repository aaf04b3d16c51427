//! Takes the links as they come, but fills the set only when it is empty.
//~ fails with: a slot was free (2 of 3 in use)
let mut fetching = JoinSet::new();
while !waiting.is_empty() {
    for page in waiting.drain(..waiting.len().min(AT_ONCE)) {
        let site = site.clone();
        fetching.spawn(async move { site.fetch(page).await });
    }
    while let Some(fetched) = fetching.join_next().await {
        for link in fetched.expect("no fetch panics") {
            if found.insert(link) {
                waiting.push_back(link);
            }
        }
    }
}
found
