//! The chapter's own mistake: a queue for each carrier, and the parcels are dealt before it is known who will be free.
//~ fails with: at 270 ms Wren was expected to log "has shipped a parcel", but Owl logged it, at 740 ms
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
let mut turn = 0;
while let Some(parcel) = parcels.recv().await {
    queues[turn % queues.len()].send(parcel).await.ok();
    turn += 1;
}
drop(queues);
working.join_all().await;
