//! Tasks send their links through a channel, and a counter says how many are running.
let (links, mut fetched) = tokio::sync::mpsc::channel(AT_ONCE);
let mut running = 0;
while running > 0 || !waiting.is_empty() {
    if running < AT_ONCE
        && let Some(page) = waiting.pop_front()
    {
        running += 1;
        let (site, links) = (site.clone(), links.clone());
        tokio::spawn(async move { links.send(site.fetch(page).await).await });
        continue;
    }
    let new: Vec<u32> = fetched.recv().await.expect("a sender is here");
    running -= 1;
    waiting.extend(new.into_iter().filter(|link| found.insert(*link)));
}
found
