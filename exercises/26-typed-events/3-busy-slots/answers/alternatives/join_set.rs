//! A set of tasks, refilled whenever one has ended. Dropped, it aborts them.
    let mut reports: Vec<Option<Report>> = vec![None; events.len()];
    let (mut set, mut events) = (tokio::task::JoinSet::new(), events.into_iter().enumerate());
    loop {
        while set.len() < at_once
            && let Some((at, event)) = events.next()
        {
            let bus = bus.clone();
            set.spawn(async move { (at, bus.emit(event).await) });
        }
        match set.join_next().await {
            Some(ended) => {
                let (at, report) = ended.expect("an emission does not panic");
                reports[at] = Some(report);
            }
            None => break,
        }
    }
    reports.into_iter().flatten().collect()
