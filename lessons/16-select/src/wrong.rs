//! The same ideas gone wrong. The tests prove what each does: it loses, hangs, panics, repeats, or is late.

use std::io;
use std::pin::pin;
use std::time::Duration;

use shared::{Journal, Pace};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{interval, sleep};

use crate::batch::OPEN;
use crate::patience::{PATIENCE, publish};
use crate::race::download;
use crate::relay::{HEARTBEAT_EVERY, look_up};

/// Loses orders: the branch receives an order and then awaits. When the heartbeat wins, the order is dropped.
// ANCHOR: lost-in-the-loop
pub async fn lost_in_the_loop(mut orders: mpsc::Receiver<u32>, journal: Journal) {
    let mut heartbeat = interval(HEARTBEAT_EVERY);
    loop {
        tokio::select! {
            _ = heartbeat.tick() => journal.log("relay", "heartbeat"),
            next = next_order(&mut orders, &journal) => {
                let Some(order) = next else { break };
                journal.log("relay", format_args!("publishes order {order}"));
            }
        }
    }
    journal.log("relay", "ends with the channel");
}

async fn next_order(orders: &mut mpsc::Receiver<u32>, journal: &Journal) -> Option<u32> {
    let order = orders.recv().await?;
    look_up(order, journal).await; // if it is dropped here, the order is dropped with it
    Some(order)
}
// ANCHOR_END: lost-in-the-loop

/// Never ends: `None` does not match `Some(order)`, which disables that branch, but the heartbeat goes on.
// ANCHOR: never-ends
pub async fn never_ends(mut orders: mpsc::Receiver<u32>, journal: Journal) {
    let mut heartbeat = interval(HEARTBEAT_EVERY);
    loop {
        tokio::select! {
            _ = heartbeat.tick() => journal.log("relay", "heartbeat"),
            Some(order) = orders.recv() => {
                look_up(order, &journal).await;
                journal.log("relay", format_args!("publishes order {order}"));
            }
            else => break, // when all branches are disabled, and `tick` never is
        }
    }
}
// ANCHOR_END: never-ends

/// Panics when the channel ends: its only branch is disabled, and there is no `else`.
// ANCHOR: no-else
pub async fn no_else(mut orders: mpsc::Receiver<u32>) {
    loop {
        tokio::select! {
            Some(_order) = orders.recv() => {}
        }
    }
}
// ANCHOR_END: no-else

/// Late, or never: each iteration creates a new sleep, which measures how long no order has arrived.
// ANCHOR: idle-timer
pub async fn idle_timer(mut orders: mpsc::Receiver<u32>, journal: Journal, pace: Pace) -> Vec<u32> {
    let mut batch = Vec::new();
    journal.log("batch", "opens");
    loop {
        tokio::select! {
            () = sleep(pace.of(OPEN)) => break, // 30 s from now, in each iteration
            Some(order) = orders.recv() => {
                journal.log("batch", format_args!("takes order {order}"));
                batch.push(order);
            }
        }
    }
    journal.log("batch", format_args!("closes with {batch:?}"));
    batch
}
// ANCHOR_END: idle-timer

/// Repeats: each iteration starts a new publish, and the previous one is dropped.
// ANCHOR: starts-again
pub async fn starts_again(journal: &Journal) {
    loop {
        tokio::select! {
            () = publish("order 1", journal) => break,
            () = sleep(PATIENCE) => journal.log("relay", "is still waiting"),
        }
    }
    journal.log("relay", "has the confirmation");
}
// ANCHOR_END: starts-again

/// Panics: the second iteration polls a download that has already returned its file.
// ANCHOR: polled-again
pub async fn polled_again(journal: &Journal) {
    let mut first = pin!(download("mirror 1", 250, journal));
    let mut second = pin!(download("mirror 2", 100, journal));
    for _ in 0..2 {
        tokio::select! {
            file = &mut first => journal.log("main", format_args!("has the file from {file}")),
            file = &mut second => journal.log("main", format_args!("has the file from {file}")),
        }
    }
}
// ANCHOR_END: polled-again

/// Panics when there is no task: the expression of a disabled branch is evaluated all the same.
// ANCHOR: unwrap
pub async fn wait_if_any(mut task: Option<JoinHandle<()>>) {
    tokio::select! {
        _ = task.as_mut().unwrap(), if task.is_some() => {}
        else => {}
    }
}
// ANCHOR_END: unwrap

/// Loses half a frame: the bytes are in the future of `read_frame`, and are dropped with it.
///
/// # Errors
/// Reading fails, or the connection ends in the middle of what looks like a frame.
// ANCHOR: half-a-frame
pub async fn half_a_frame(mut io: impl AsyncRead + Unpin, journal: &Journal) -> io::Result<()> {
    let mut heartbeat = interval(Duration::from_millis(50));
    loop {
        tokio::select! {
            _ = heartbeat.tick() => journal.log("listener", "heartbeat"),
            read = read_frame(&mut io) => {
                let frame = read?;
                journal.log("listener", format_args!("reads \"{frame}\""));
            }
        }
    }
}

async fn read_frame(io: &mut (impl AsyncRead + Unpin)) -> io::Result<String> {
    let length = io.read_u8().await?;
    let mut text = vec![0; usize::from(length)];
    io.read_exact(&mut text).await?; // if it is dropped here, `length` and `text` are dropped with it
    Ok(String::from_utf8_lossy(&text).into_owned())
}
// ANCHOR_END: half-a-frame

/// Hangs: the handler waits for a lock that a branch holds, and no branch is polled while the handler runs.
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
            journal.log("relay", "waits for the lock");
            let _guard = lock.lock().await;
            journal.log("relay", "has the lock");
        }
    }
}
// ANCHOR_END: locked-out

/// Stops late: while an order is ready, `stop` is not polled.
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
