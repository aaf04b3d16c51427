//! `for_each_concurrent` with a map from the position to the report.
    let reports = std::sync::Mutex::new(std::collections::BTreeMap::new());
    let numbered = stream::iter(events.into_iter().enumerate());
    let emitting = numbered.for_each_concurrent(at_once, |(at, event)| {
        let reports = &reports;
        async move {
            let report = bus.emit(event).await;
            reports.lock().expect("nothing panics under this lock").insert(at, report);
        }
    });
    emitting.await;
    reports.into_inner().expect("nothing panics under this lock").into_values().collect()
