//! The queue of the chapter: a lock of the standard library, and a permit for each parcel.
use std::collections::VecDeque;

use tokio::sync::Semaphore;

let queue = Arc::new((std::sync::Mutex::new(VecDeque::new()), Semaphore::new(0)));
let mut working = JoinSet::new();
for mut carrier in carriers {
    let queue = Arc::clone(&queue);
    working.spawn(async move {
        loop {
            if let Ok(permit) = queue.1.acquire().await {
                permit.forget();
            }
            let next = queue.0.lock().unwrap().pop_front();
            let Some(parcel) = next else { break };
            carrier.ship(parcel).await;
        }
    });
}
while let Some(parcel) = parcels.recv().await {
    queue.0.lock().unwrap().push_back(parcel);
    queue.1.add_permits(1);
}
queue.1.close();
working.join_all().await;
