//! A task for each event, with a semaphore. When the batch is dropped, the tasks continue.
//~ fails with: order 6 logged "ends", which was not expected
    let slots = Arc::new(tokio::sync::Semaphore::new(at_once));
    let mut tasks = Vec::new();
    for event in events {
        let (bus, slots) = (bus.clone(), slots.clone());
        tasks.push(tokio::spawn(async move {
            let _slot = slots.acquire().await.expect("nobody closes it");
            bus.emit(event).await
        }));
    }
    let mut reports = Vec::new();
    for task in tasks {
        reports.push(task.await.expect("an emission does not panic"));
    }
    reports
