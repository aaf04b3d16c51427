//! Sorts by the number of the order, which is not the order of the events.
//~ fails with: reports: [(2, 3), (5, 1), (9, 6), (18, 2), (31, 5), (44, 4)]
    let emitting = stream::iter(events).map(|event| bus.emit(event));
    let mut reports: Vec<_> = emitting.buffer_unordered(at_once).collect().await;
    reports.sort_by_key(|report| report.order);
    reports
