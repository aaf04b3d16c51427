//! The slots stay busy, but the reports come in the order in which the events end.
//~ fails with: reports: [(5, 1), (18, 2), (2, 3), (44, 4), (31, 5), (9, 6)]
    stream::iter(events).map(|event| bus.emit(event)).buffer_unordered(at_once).collect().await
