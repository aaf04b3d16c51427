//! Each carrier that is free sends a `oneshot` for its next parcel, and one task answers.
let (ready, mut free) = mpsc::channel::<tokio::sync::oneshot::Sender<Parcel>>(1);
let mut working = JoinSet::new();
for mut carrier in carriers {
    let ready = ready.clone();
    working.spawn(async move {
        loop {
            let (answer, next) = tokio::sync::oneshot::channel();
            if ready.send(answer).await.is_err() {
                break;
            }
            let Ok(parcel) = next.await else { break };
            carrier.ship(parcel).await;
        }
    });
}
drop(ready);
while let Some(parcel) = parcels.recv().await {
    let Some(carrier) = free.recv().await else { break };
    carrier.send(parcel).expect("a carrier waits for its answer");
}
drop(free);
working.join_all().await;
