//! All futures at once, of which only those with a permit emit. The semaphore lets them through in order.
    let slots = tokio::sync::Semaphore::new(at_once);
    let emitting = events.into_iter().map(|event| async {
        let _slot = slots.acquire().await.expect("nobody closes it");
        bus.emit(event).await
    });
    futures::future::join_all(emitting).await
