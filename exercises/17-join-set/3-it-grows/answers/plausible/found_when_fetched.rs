//! A page counts as found only when its fetch ends, so a page with two links to it is queued twice.
//~ fails with: page 3 must be fetched once, and it was fetched 2 times
found.clear();
let mut fetching = JoinSet::new();
loop {
    while fetching.len() < AT_ONCE
        && let Some(page) = waiting.pop_front()
    {
        let site = site.clone();
        fetching.spawn(async move { (page, site.fetch(page).await) });
    }
    let Some(fetched) = fetching.join_next().await else { return found };
    let (page, links) = fetched.expect("no fetch panics");
    found.insert(page);
    waiting.extend(links.into_iter().filter(|link| !found.contains(link)));
}
