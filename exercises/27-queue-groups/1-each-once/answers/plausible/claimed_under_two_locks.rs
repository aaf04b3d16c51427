//! Each carrier hears of every parcel, and ships it if nobody has claimed it. Two of them find it free under the first lock, and claim it
//! under the second.
//~ fails with: is shipped 2 times
    let claimed = Arc::new(Mutex::new(std::collections::BTreeSet::new()));
    let announcements = broadcast::Sender::new(1024);
    let mut working = JoinSet::new();
    for mut carrier in carriers {
        let (mut announced, claimed) = (announcements.subscribe(), Arc::clone(&claimed));
        working.spawn(async move {
            while let Ok(Parcel { number }) = announced.recv().await {
                if claimed.lock().await.contains(&number) {
                    continue;
                }
                claimed.lock().await.insert(number);
                carrier.ship(Parcel { number }).await;
            }
        });
    }
    while let Some(parcel) = parcels.recv().await {
        announcements.send(parcel).ok();
    }
    drop(announcements);
    working.join_all().await;
