//! Fetches every page as soon as it is known.
//~ fails with: at 70 ms 6 pages are being fetched, and at most 3 are allowed
let mut fetching = JoinSet::new();
loop {
    while let Some(page) = waiting.pop_front() {
        let site = site.clone();
        fetching.spawn(async move { site.fetch(page).await });
    }
    let Some(fetched) = fetching.join_next().await else { return found };
    for link in fetched.expect("no fetch panics") {
        if found.insert(link) {
            waiting.push_back(link);
        }
    }
}
