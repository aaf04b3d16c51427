//! Ends when no page is waiting, although pages are being fetched that may have links. The set is dropped with them.
//~ fails with: page 4 must be fetched once, and it was fetched 0 times
let mut fetching = JoinSet::new();
while let Some(page) = waiting.pop_front() {
    let site = site.clone();
    fetching.spawn(async move { site.fetch(page).await });
    if fetching.len() == AT_ONCE || waiting.is_empty() {
        let fetched = fetching.join_next().await.expect("one was spawned");
        for link in fetched.expect("no fetch panics") {
            if found.insert(link) {
                waiting.push_back(link);
            }
        }
    }
}
found
