//! A function takes the next parcel; the guard is dropped when it returns, so `while let` is fine.
async fn next(parcels: &Mutex<mpsc::Receiver<Parcel>>) -> Option<Parcel> {
    parcels.lock().await.recv().await
}

let parcels = Arc::new(Mutex::new(parcels));
let mut working = JoinSet::new();
for mut carrier in carriers {
    let parcels = Arc::clone(&parcels);
    working.spawn(async move {
        while let Some(parcel) = next(&parcels).await {
            carrier.ship(parcel).await;
        }
    });
}
working.join_all().await;
