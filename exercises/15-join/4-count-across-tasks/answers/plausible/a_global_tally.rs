//! A global needs no handles, so it compiles. All calls of `publish_all` count in it.
//~ fails with: the tally must count every event of this call once
//~ region
use std::sync::Mutex;
//~ region
    let mut tasks = Vec::new();
    for lane in lanes {
        tasks.push(tokio::spawn(publish_lane(lane, broker.clone())));
    }
    for task in tasks {
        task.await.expect("no lane panics");
    }
    let mut tally = TALLY.lock().expect("counting does not panic");
    std::mem::take(&mut *tally)
}

static TALLY: Mutex<Tally> = Mutex::new(Tally { published: 0, refused: 0 });

async fn publish_lane(lane: Vec<u32>, broker: Broker) {
    for event in lane {
        let result = broker.publish(event).await;
        TALLY.lock().expect("counting does not panic").count(result);
    }
}
