//! Checks the set every millisecond.
//~ fails with: crawl was woken within 300 ms
let mut fetching = JoinSet::new();
while !(fetching.is_empty() && waiting.is_empty()) {
    while fetching.len() < AT_ONCE
        && let Some(page) = waiting.pop_front()
    {
        let site = site.clone();
        fetching.spawn(async move { site.fetch(page).await });
    }
    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    while let Some(fetched) = fetching.try_join_next() {
        for link in fetched.expect("no fetch panics") {
            if found.insert(link) {
                waiting.push_back(link);
            }
        }
    }
}
found
