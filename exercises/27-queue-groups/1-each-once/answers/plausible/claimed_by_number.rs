//! Each carrier hears of every parcel, and ships it if no other carrier has claimed it. A hundred parcels do not fit into the
//! channel, and those that are overwritten are claimed by nobody.
//~ fails with: had been shipped 0 times
let announcements = broadcast::Sender::<Parcel>::new(64);
let claimed = Arc::new(std::sync::Mutex::new(std::collections::HashSet::new()));
let mut working = JoinSet::new();
for mut carrier in carriers {
    let (mut announced, claimed) = (announcements.subscribe(), Arc::clone(&claimed));
    working.spawn(async move {
        loop {
            match announced.recv().await {
                Ok(parcel) => {
                    let is_mine = claimed.lock().unwrap().insert(parcel.number);
                    if is_mine {
                        carrier.ship(parcel).await;
                    }
                }
                Err(broadcast::error::RecvError::Lagged(_)) => {}
                Err(broadcast::error::RecvError::Closed) => break,
            }
        }
    });
}
while let Some(parcel) = parcels.recv().await {
    announcements.send(parcel).ok();
}
drop(announcements);
working.join_all().await;
