//! Polls the three fetches in its own task.
let fetch = async |page| site.fetch(page).await;
let mut fetching = Vec::new();
loop {
    while fetching.len() < AT_ONCE
        && let Some(page) = waiting.pop_front()
    {
        fetching.push(Box::pin(fetch(page)));
    }
    if fetching.is_empty() {
        return found;
    }
    let (done, links) = std::future::poll_fn(|cx| {
        for (at, one) in fetching.iter_mut().enumerate() {
            if let std::task::Poll::Ready(links) = one.as_mut().poll(cx) {
                return std::task::Poll::Ready((at, links));
            }
        }
        std::task::Poll::Pending
    })
    .await;
    drop(fetching.swap_remove(done));
    waiting.extend(links.into_iter().filter(|link| found.insert(*link)));
}
