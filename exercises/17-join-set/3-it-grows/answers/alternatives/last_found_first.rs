//! The order of the waiting pages is free: this one takes the last.
let mut fetching = JoinSet::new();
while !(waiting.is_empty() && fetching.is_empty()) {
    if fetching.len() < AT_ONCE
        && let Some(page) = waiting.pop_back()
    {
        let site = site.clone();
        fetching.spawn(async move { site.fetch(page).await });
    } else if let Some(fetched) = fetching.join_next().await {
        let links = fetched.expect("no fetch panics").into_iter();
        waiting.extend(links.filter(|link| found.insert(*link)));
    }
}
found
