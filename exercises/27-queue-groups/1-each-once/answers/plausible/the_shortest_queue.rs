//! Deals to the carrier with the fewest parcels in its queue. That number does not say how long they will take.
//~ fails with: Wren was expected to log "has shipped a parcel"
let (mut queues, mut working) = (Vec::new(), JoinSet::new());
for mut carrier in carriers {
    let (queue, mut mine) = mpsc::channel(64);
    queues.push(queue);
    working.spawn(async move {
        while let Some(parcel) = mine.recv().await {
            carrier.ship(parcel).await;
        }
    });
}
while let Some(parcel) = parcels.recv().await {
    let shortest = queues.iter().max_by_key(|queue| queue.capacity()).expect("there are carriers");
    shortest.send(parcel).await.ok();
}
drop(queues);
working.join_all().await;
