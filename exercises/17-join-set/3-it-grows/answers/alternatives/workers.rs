//! Three workers share a queue. They end when it is empty and none of them is fetching.
struct Known {
    found: BTreeSet<u32>,
    waiting: VecDeque<u32>,
    busy: usize,
}

let known = std::sync::Arc::new(std::sync::Mutex::new(Known { found, waiting, busy: 0 }));
let changed = std::sync::Arc::new(tokio::sync::Notify::new());
let mut workers = JoinSet::new();
for _ in 0..AT_ONCE {
    let (site, known, changed) = (site.clone(), known.clone(), changed.clone());
    workers.spawn(async move {
        loop {
            let change = changed.notified(); // before the check, so that no change is missed
            let next = {
                let mut known = known.lock().expect("no panic");
                let next = known.waiting.pop_front();
                known.busy += usize::from(next.is_some());
                if next.is_none() && known.busy == 0 {
                    return;
                }
                next
            };
            let Some(page) = next else {
                change.await;
                continue;
            };
            let links = site.fetch(page).await;
            let mut known = known.lock().expect("no panic");
            for link in links {
                if known.found.insert(link) {
                    known.waiting.push_back(link);
                }
            }
            known.busy -= 1;
            changed.notify_waiters();
        }
    });
}
workers.join_all().await;
let found = known.lock().expect("no panic").found.clone();
found
