//! Waits for the last fetches when the queue is empty, and does not fetch the links that they bring.
//~ fails with: page 2 must be fetched once, and it was fetched 0 times
let mut fetching: JoinSet<Vec<u32>> = JoinSet::new();
while let Some(page) = waiting.pop_front() {
    let site = site.clone();
    fetching.spawn(async move { site.fetch(page).await });
    while fetching.len() == AT_ONCE {
        let fetched = fetching.join_next().await.expect("three are running");
        waiting.extend(fetched.expect("no fetch panics").into_iter().filter(|link| found.insert(*link)));
    }
}
for link in fetching.join_all().await.into_iter().flatten() {
    found.insert(link);
}
found
