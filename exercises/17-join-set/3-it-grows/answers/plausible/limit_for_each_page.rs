//! Each task fetches the pages below its own, three at once. All tasks together are not limited.
//~ fails with: pages are being fetched, and at most 3 are allowed
use std::sync::{Arc, Mutex};

fn below<S: Site>(
    site: S,
    page: u32,
    found: Arc<Mutex<BTreeSet<u32>>>,
) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(async move {
        let links = site.fetch(page).await;
        let mut new: VecDeque<u32> =
            links.into_iter().filter(|link| found.lock().expect("no panic").insert(*link)).collect();
        let mut fetching = JoinSet::new();
        loop {
            while fetching.len() < AT_ONCE
                && let Some(page) = new.pop_front()
            {
                fetching.spawn(below(site.clone(), page, found.clone()));
            }
            if fetching.join_next().await.is_none() {
                return;
            }
        }
    })
}

let all = Arc::new(Mutex::new(found));
below(site, first, all.clone()).await;
let found = all.lock().expect("no panic").clone();
found
