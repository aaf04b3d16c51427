//! What a `watch` is made of: the value behind a mutex, and a way to wake the reader.

//~ region
    let state = Arc::new(State::default());
    let showing = tokio::spawn(display(state.clone(), durations.drawing, journal.clone()));
    for (count, file) in (1..).zip(durations.files) {
        copy(count, file, &journal).await;
        state.set(count, false);
    }
    let copied = state.counts.lock().expect("no holder panics").0;
    state.set(copied, true);
    showing.await.expect("the display does not panic");
//~ region
use std::sync::{Arc, Mutex};

use tokio::sync::Notify;

/// The count, and whether it is the last.
#[derive(Default)]
struct State {
    counts: Mutex<(u32, bool)>,
    changed: Notify,
}

impl State {
    fn set(&self, count: u32, last: bool) {
        *self.counts.lock().expect("no holder panics") = (count, last);
        self.changed.notify_one();
    }
}

async fn display(state: Arc<State>, drawing: Duration, journal: Journal) {
    let mut drawn = 0;
    loop {
        let (count, last) = *state.counts.lock().expect("no holder panics");
        if count > drawn {
            draw(count, drawing, &journal).await;
            drawn = count;
        } else if last {
            break;
        } else {
            state.changed.notified().await;
        }
    }
}
