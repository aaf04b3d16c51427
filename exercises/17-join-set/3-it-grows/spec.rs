//! The tests of exercise 17.3. Your file and the solution are tested by this one copy.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::HOUR;
use tokio::time::{Instant, sleep, timeout};

use super::sut::{Site, crawl};

/// A site, and what was asked of it. A page takes 100 ms.
#[derive(Clone, Default)]
struct Pages {
    links: Arc<BTreeMap<u32, Vec<u32>>>,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    now: usize,
    most: usize,
    fetches: usize,
}

impl Site for Pages {
    async fn fetch(&self, page: u32) -> Vec<u32> {
        {
            let mut seen = self.seen.lock().unwrap();
            seen.fetches += 1;
            seen.now += 1;
            seen.most = seen.most.max(seen.now);
        }
        sleep(Duration::from_millis(100)).await;
        self.seen.lock().unwrap().now -= 1;
        self.links.get(&page).cloned().unwrap_or_default()
    }
}

/// Crawls a site from page 1, and checks that all its pages are found, each fetched once, in so many milliseconds.
async fn crawled(links: &[(u32, &[u32])], pages: u32, expected_ms: u128) {
    let links = links.iter().map(|&(page, links)| (page, links.to_vec())).collect();
    let site = Pages { links: Arc::new(links), ..Pages::default() };
    let started = Instant::now();
    let found = timeout(HOUR, crawl(site.clone(), 1)).await.expect("no task can go on");
    let at_ms = started.elapsed().as_millis();
    let seen = site.seen.lock().unwrap();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), (1..=pages).collect::<Vec<_>>(), "the pages found");
    assert_eq!(seen.fetches, usize::try_from(pages).unwrap(), "each page is to be fetched once");
    assert!(seen.most <= 3, "{} pages were fetched at the same time, and 3 are allowed", seen.most);
    assert!(
        at_ms == expected_ms,
        "{pages} pages took {at_ms} ms, with {} at the same time; with up to 3 it takes {expected_ms} ms",
        seen.most
    );
}

#[tokio::test(start_paused = true)]
async fn seven_pages_take_three_rounds() {
    // 1, then 2 3 4, then 5 6 7.
    crawled(&[(1, &[2, 3, 4]), (2, &[5]), (3, &[6]), (4, &[7])], 7, 300).await;
}

#[tokio::test(start_paused = true)]
async fn never_more_than_three_at_the_same_time() {
    crawled(&[(1, &[2, 3, 4, 5, 6, 7, 8, 9, 10])], 10, 400).await;
}

#[tokio::test(start_paused = true)]
async fn pages_that_link_to_each_other_are_fetched_once() {
    crawled(&[(1, &[2, 3]), (2, &[1, 3]), (3, &[1, 2, 3])], 3, 200).await;
}

#[tokio::test(start_paused = true)]
async fn a_page_without_links_is_the_end() {
    crawled(&[], 1, 100).await;
}

#[tokio::test(start_paused = true)]
async fn a_chain_has_nothing_to_share() {
    crawled(&[(1, &[2]), (2, &[3]), (3, &[4])], 4, 400).await;
}
