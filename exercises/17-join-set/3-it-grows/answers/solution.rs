//! Exercise 17.3: a set of tasks that grows while its results are taken, but never beyond a limit.

use std::collections::{BTreeSet, VecDeque};

use tokio::task::JoinSet;

/// Fetches a page and returns its links: the pages that it leads to.
pub trait Site: Clone + Send + Sync + 'static {
    fn fetch(&self, page: u32) -> impl Future<Output = Vec<u32>> + Send;
}

/// At most this many pages are fetched at the same time.
pub const AT_ONCE: usize = 3;

/// Fetches the first page and all pages that can be reached from it, each once. Returns them.
pub async fn crawl(site: impl Site, first: u32) -> BTreeSet<u32> {
    let mut found = BTreeSet::from([first]);
    let mut waiting = VecDeque::from([first]);
    //~ begin
    let mut fetching = JoinSet::new();
    loop {
        while fetching.len() < AT_ONCE
            && let Some(page) = waiting.pop_front()
        {
            let site = site.clone();
            fetching.spawn(async move { site.fetch(page).await });
        }
        // `None` only if nothing is being fetched, and then no page is waiting either.
        let Some(fetched) = fetching.join_next().await else { return found };
        for link in fetched.expect("no fetch panics") {
            if found.insert(link) {
                waiting.push_back(link);
            }
        }
    }
    //~ starter
    //~| // TODO: this fetches one page after another. Fetch up to three at the same time.
    //~| while let Some(page) = waiting.pop_front() {
    //~|     for link in site.fetch(page).await {
    //~|         if found.insert(link) {
    //~|             waiting.push_back(link);
    //~|         }
    //~|     }
    //~| }
    //~| found
    //~ end
}
