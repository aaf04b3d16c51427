//! Takes all parcels out of the channel before the first is shipped.
//~ fails with: Lark was expected to log "has shipped a parcel" at 130 ms
let mut all = std::collections::VecDeque::new();
while let Some(parcel) = parcels.recv().await {
    all.push_back(parcel);
}
let all = Arc::new(std::sync::Mutex::new(all));
let mut working = JoinSet::new();
for mut carrier in carriers {
    let all = Arc::clone(&all);
    working.spawn(async move {
        loop {
            let next = all.lock().unwrap().pop_front();
            let Some(parcel) = next else { break };
            carrier.ship(parcel).await;
        }
    });
}
working.join_all().await;
