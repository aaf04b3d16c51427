//! The tests of exercise 17.3. Your file and the solution are tested by this one copy.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared::HOUR;
use tokio::time::{Instant, sleep, timeout};
use tokio_test::task;

use super::sut::{Site, crawl};

/// A page: its number, how many milliseconds it takes to fetch it, and its links.
type Page = (u32, u64, &'static [u32]);

/// A site, and what was fetched from it.
#[derive(Clone)]
struct Pages {
    pages: &'static [Page],
    started: Instant,
    fetches: Arc<Mutex<Vec<Fetch>>>,
}

#[derive(Clone)]
struct Fetch {
    page: u32,
    began_ms: u64,
    ended_ms: u64,
}

impl Pages {
    fn new(pages: &'static [Page]) -> Self {
        Self { pages, started: Instant::now(), fetches: Arc::default() }
    }

    fn now_ms(&self) -> u64 {
        self.started.elapsed().as_millis().try_into().expect("a test is short")
    }

    /// When the first page that links to this one was fetched; 0 for page 1.
    fn known_ms(&self, page: u32, fetches: &[Fetch]) -> u64 {
        let links_to_it =
            |fetch: &&Fetch| self.pages.iter().any(|it| it.0 == fetch.page && it.2.contains(&page));
        let known = fetches.iter().filter(links_to_it).map(|fetch| fetch.ended_ms).min();
        if page == 1 { 0 } else { known.expect("a page that was fetched was known") }
    }
}

impl Site for Pages {
    async fn fetch(&self, page: u32) -> Vec<u32> {
        let &(_, takes_ms, links) = self.pages.iter().find(|it| it.0 == page).expect("a page of this site");
        let began_ms = self.now_ms();
        sleep(Duration::from_millis(takes_ms)).await;
        self.fetches.lock().unwrap().push(Fetch { page, began_ms, ended_ms: self.now_ms() });
        links.to_vec()
    }
}

impl fmt::Display for Fetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "  page {:>2}: {:>4} to {:>4} ms", self.page, self.began_ms, self.ended_ms)
    }
}

/// Crawls the site from page 1, and checks when each page was fetched.
async fn check(pages: &'static [Page]) {
    let site = Pages::new(pages);
    let found = timeout(HOUR, crawl(site.clone(), 1)).await;
    let returned_ms = site.now_ms();
    let fetches = site.fetches.lock().unwrap().clone();
    let table: String = fetches.iter().map(Fetch::to_string).collect();
    let found =
        found.unwrap_or_else(|_| panic!("crawl has not returned. These pages were fetched:\n{table}"));

    let at = |ms| fetches.iter().filter(|fetch| fetch.began_ms <= ms && ms < fetch.ended_ms).count();
    for Fetch { page, began_ms, .. } in &fetches {
        let now = at(*began_ms);
        assert!(
            now <= 3,
            "at {began_ms} ms {now} pages are being fetched, and at most 3 are allowed:\n{table}"
        );
        let known_ms = site.known_ms(*page, &fetches);
        if let Some(ms) = (known_ms..*began_ms).find(|&ms| at(ms) < 3) {
            panic!(
                "page {page} was known at {known_ms} ms, but its fetch began only at {began_ms} ms, although at {ms} ms \
                 a slot was free ({} of 3 in use):\n{table}",
                at(ms)
            );
        }
    }
    for (page, ..) in pages {
        let count = fetches.iter().filter(|fetch| fetch.page == *page).count();
        assert!(count == 1, "page {page} must be fetched once, and it was fetched {count} times:\n{table}");
    }
    assert_eq!(
        found,
        pages.iter().map(|page| page.0).collect::<BTreeSet<_>>(),
        "crawl must return all pages"
    );
    let last_ms = fetches.iter().map(|fetch| fetch.ended_ms).max().unwrap_or(0);
    assert_eq!(returned_ms, last_ms, "crawl must return when the last fetch ends:\n{table}");
}

#[tokio::test(start_paused = true)]
async fn a_slow_page_does_not_hold_up_the_others() {
    check(&[
        (1, 130, &[2, 3, 4]),
        (2, 730, &[8]),
        (3, 90, &[5]),
        (4, 210, &[6]),
        (5, 170, &[7]),
        (6, 370, &[]),
        (7, 50, &[]),
        (8, 110, &[]),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn never_more_than_three_at_the_same_time() {
    check(&[
        (1, 70, &[2, 3, 4, 5, 6, 7]),
        (2, 190, &[]),
        (3, 310, &[8, 9]),
        (4, 50, &[]),
        (5, 230, &[10]),
        (6, 110, &[]),
        (7, 90, &[]),
        (8, 70, &[]),
        (9, 130, &[]),
        (10, 170, &[]),
    ])
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_page_with_many_links_fills_all_slots() {
    check(&[(1, 70, &[2]), (2, 130, &[3]), (3, 90, &[4, 5, 6]), (4, 110, &[]), (5, 210, &[]), (6, 50, &[])])
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_page_with_several_links_to_it_is_fetched_once() {
    check(&[(1, 70, &[1, 2, 3, 3]), (2, 130, &[1, 4]), (3, 210, &[2, 4]), (4, 370, &[1, 2, 3])]).await;
}

#[tokio::test(start_paused = true)]
async fn a_page_without_links_is_the_end() {
    check(&[(1, 130, &[])]).await;
}

#[tokio::test(start_paused = true)]
async fn it_sleeps_while_no_fetch_ends() {
    let mut crawling = task::spawn(crawl(Pages::new(&[(1, 370, &[])]), 1));
    assert!(crawling.poll_until_idle().is_pending(), "crawl has returned before page 1 was fetched");
    sleep(Duration::from_millis(300)).await;
    assert!(
        !crawling.is_woken(),
        "crawl was woken within 300 ms, although its only page takes 370 ms: it checks again and again instead of \
         waiting for a fetch to end"
    );
}
