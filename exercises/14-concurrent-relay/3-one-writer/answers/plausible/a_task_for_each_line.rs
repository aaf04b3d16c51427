//! No lane waits for the disk, and yet two lines are written at the same time.
//~ fails with: when publish_all returns, the log must hold 5 whole lines
let tasks: Vec<_> = lanes
    .into_iter()
    .map(|lane| {
        let (broker, log) = (broker.clone(), log.clone());
        tokio::spawn(async move {
            let mut writing = Vec::new();
            for event in lane {
                let entry = broker.publish(event).await;
                let log = log.clone();
                writing.push(tokio::spawn(async move { log.append(entry).await }));
            }
            for line in writing {
                line.await.expect("no line panics");
            }
        })
    })
    .collect();
for task in tasks {
    task.await.expect("no lane panics");
}
