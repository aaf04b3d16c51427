//! One fetch ends, one begins, as in the chapter's `refill`. A page with three links fills one slot only.
//~ fails with: a slot was free (1 of 3 in use)
let mut fetching = JoinSet::new();
loop {
    if let Some(page) = waiting.pop_front() {
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
