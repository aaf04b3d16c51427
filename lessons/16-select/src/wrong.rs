//! The same ideas gone wrong. `tests/lesson.rs` proves what each does: it loses, never ends, repeats, or is late.

use std::io;
use std::pin::pin;
use std::time::Duration;

use shared::{Journal, Pace};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::time::{interval, sleep};

use crate::batch::OPEN;
use crate::patience::{PATIENCE, publish};
use crate::relay::{BEAT_EVERY, look_up};

/// Loses orders: a branch receives and goes on to await. When the beat wins, the order is dropped with it.
// ANCHOR: lost-in-the-loop
pub async fn lost_in_the_loop(mut orders: mpsc::Receiver<u32>, journal: Journal) {
    let mut beat = interval(BEAT_EVERY);
    loop {
        tokio::select! {
            _ = beat.tick() => journal.log("relay", "beat"),
            next = next_order(&mut orders, &journal) => {
                let Some(order) = next else { break };
                journal.log("relay", format_args!("published order {order}"));
            }
        }
    }
    journal.log("relay", "ends with the channel");
}

async fn next_order(orders: &mut mpsc::Receiver<u32>, journal: &Journal) -> Option<u32> {
    let order = orders.recv().await?;
    look_up(order, journal).await; // dropped here, it drops the order
    Some(order)
}
// ANCHOR_END: lost-in-the-loop

/// Never ends: `None` does not match `Some(order)`, so the branch is out of this turn, and the beat is not.
// ANCHOR: never-ends
pub async fn never_ends(mut orders: mpsc::Receiver<u32>, journal: Journal) {
    let mut beat = interval(BEAT_EVERY);
    loop {
        tokio::select! {
            _ = beat.tick() => journal.log("relay", "beat"),
            Some(order) = orders.recv() => {
                look_up(order, &journal).await;
                journal.log("relay", format_args!("published order {order}"));
            }
            else => break, // when all branches are out; a tick never is
        }
    }
}
// ANCHOR_END: never-ends

/// Panics when the channel ends: its only branch is out, and there is no `else`.
// ANCHOR: no-else
pub async fn no_else(mut orders: mpsc::Receiver<u32>) {
    loop {
        tokio::select! {
            Some(_order) = orders.recv() => {}
        }
    }
}
// ANCHOR_END: no-else

/// Late, or never: each turn begins a new sleep, so it measures how long no order has come.
// ANCHOR: idle-timer
pub async fn idle_timer(mut orders: mpsc::Receiver<u32>, journal: Journal, pace: Pace) -> Vec<u32> {
    let mut batch = Vec::new();
    journal.log("batch", "is begun");
    loop {
        tokio::select! {
            () = sleep(pace.of(OPEN)) => break, // 30 s from now, each time
            Some(order) = orders.recv() => {
                journal.log("batch", format_args!("takes order {order}"));
                batch.push(order);
            }
        }
    }
    journal.log("batch", format_args!("is closed, orders: {}", batch.len()));
    batch
}
// ANCHOR_END: idle-timer

/// Repeats: each turn begins a new publish, and the one before is dropped.
// ANCHOR: starts-again
pub async fn starts_again(journal: &Journal) {
    loop {
        tokio::select! {
            () = publish("order 1", journal) => break,
            () = sleep(PATIENCE) => journal.log("relay", "still waits"),
        }
    }
    journal.log("relay", "has its confirmation");
}
// ANCHOR_END: starts-again

/// Loses half a frame: what `read_exact` has read is in its future, and goes with it.
///
/// # Errors
/// The connection ends within what it takes for a frame.
// ANCHOR: half-a-frame
pub async fn half_a_frame(mut io: impl AsyncRead + Unpin, journal: &Journal) -> io::Result<()> {
    let mut beat = interval(Duration::from_millis(50));
    loop {
        tokio::select! {
            _ = beat.tick() => journal.log("listener", "beat"),
            read = read_frame(&mut io) => {
                let frame = read?;
                journal.log("listener", format_args!("got \"{frame}\""));
            }
        }
    }
}

async fn read_frame(io: &mut (impl AsyncRead + Unpin)) -> io::Result<String> {
    let length = io.read_u8().await?;
    let mut text = vec![0; usize::from(length)];
    io.read_exact(&mut text).await?; // dropped here, it drops what was read
    Ok(String::from_utf8_lossy(&text).into_owned())
}
// ANCHOR_END: half-a-frame

/// Never ends: the handler waits for a lock that a branch holds, and nobody polls the branch while the handler runs.
// ANCHOR: locked-out
pub async fn locked_out(journal: &Journal) {
    let lock = Mutex::new(());
    let mut writing = pin!(async {
        let _guard = lock.lock().await;
        sleep(Duration::from_millis(250)).await;
    });
    tokio::select! {
        () = &mut writing => {}
        () = sleep(PATIENCE) => {
            journal.log("relay", "wants the lock too");
            let _guard = lock.lock().await;
            journal.log("relay", "has the lock");
        }
    }
}
// ANCHOR_END: locked-out

/// Stops late: whoever asks for orders first does not ask for the stop while there are any.
// ANCHOR: orders-first
pub async fn orders_first(mut orders: mpsc::Receiver<u32>, mut stop: oneshot::Receiver<()>) -> u32 {
    let mut handled = 0;
    loop {
        tokio::select! {
            biased;
            received = orders.recv() => match received {
                Some(_order) => handled += 1,
                None => return handled,
            },
            _ = &mut stop => return handled,
        }
    }
}
// ANCHOR_END: orders-first
