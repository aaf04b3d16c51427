//! Puts each report into its place when it comes.
    let mut reports: Vec<Option<Report>> = vec![None; events.len()];
    let numbered = stream::iter(events.into_iter().enumerate());
    let emitting = numbered.map(|(at, event)| async move { (at, bus.emit(event).await) });
    let mut ended = emitting.buffer_unordered(at_once);
    while let Some((at, report)) = ended.next().await {
        reports[at] = Some(report);
    }
    reports.into_iter().flatten().collect()
