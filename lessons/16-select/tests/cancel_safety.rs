//! The table of cancel safety in chapter 16: a test for each name in it. Each drops the future while it is pending, then shows
//! what is kept and what is lost.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, duplex};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{Mutex, Semaphore, broadcast, mpsc, watch};
use tokio::time::{Instant, interval, timeout};
use tokio_test::task::spawn;
use tokio_test::{assert_pending, assert_ready};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

// Nothing is lost.

// ANCHOR: recv
#[tokio::test]
async fn a_dropped_recv_takes_nothing() {
    let (tx, mut rx) = mpsc::channel(3);
    let mut receiving = spawn(rx.recv());
    assert_pending!(receiving.poll());
    tx.send("order 1").await.unwrap();
    drop(receiving); // woken, but not polled again
    assert_eq!(rx.recv().await, Some("order 1"));
}
// ANCHOR_END: recv

#[tokio::test]
async fn a_dropped_recv_of_a_broadcast_takes_nothing() {
    let (tx, mut rx) = broadcast::channel(4);
    let mut receiving = spawn(rx.recv());
    assert_pending!(receiving.poll());
    tx.send("order 1").unwrap();
    drop(receiving);
    assert_eq!(rx.recv().await, Ok("order 1"));
}

#[tokio::test]
async fn a_dropped_changed_marks_nothing_as_seen() {
    let (tx, mut rx) = watch::channel("old");
    let mut changing = spawn(rx.changed());
    assert_pending!(changing.poll());
    tx.send("new").unwrap();
    drop(changing);
    assert!(assert_ready!(spawn(rx.changed()).poll()).is_ok());
    assert_eq!(*rx.borrow(), "new");
}

#[tokio::test] // a real socket, so the clock is not paused
async fn a_dropped_accept_leaves_the_connection_in_the_queue() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut accepting = spawn(listener.accept());
    assert_pending!(accepting.poll());
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    drop(accepting);
    let (_connection, from) = listener.accept().await.unwrap();
    assert_eq!(from, client.local_addr().unwrap());
}

#[tokio::test]
async fn a_dropped_read_takes_no_bytes() {
    let (mut shop, mut io) = duplex(64);
    let mut bytes = [0; 8];
    let mut reading = spawn(io.read(&mut bytes));
    assert_pending!(reading.poll());
    shop.write_all(b"ord").await.unwrap();
    drop(reading);
    assert_eq!(io.read(&mut bytes).await.unwrap(), 3);
    assert_eq!(&bytes[..3], b"ord");
}

#[tokio::test]
async fn a_dropped_read_buf_takes_no_bytes() {
    let (mut shop, mut io) = duplex(64);
    let mut bytes = Vec::new();
    let mut reading = spawn(io.read_buf(&mut bytes));
    assert_pending!(reading.poll());
    shop.write_all(b"ord").await.unwrap();
    drop(reading);
    assert_eq!(io.read_buf(&mut bytes).await.unwrap(), 3);
    assert_eq!(bytes, b"ord");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_tick_is_still_due_at_its_time() {
    let (started, mut ticks) = (Instant::now(), interval(ms(100)));
    ticks.tick().await; // the first one is due now
    assert!(timeout(ms(30), ticks.tick()).await.is_err());
    assert!(timeout(ms(30), ticks.tick()).await.is_err());
    ticks.tick().await;
    assert_eq!(started.elapsed(), ms(100));
}

/// A line that arrives in two pieces, 80 ms apart.
fn a_line_in_pieces() -> BufReader<tokio_test::io::Mock> {
    BufReader::new(tokio_test::io::Builder::new().read(b"ord").wait(ms(80)).read(b"er 1\n").build())
}

// ANCHOR: lines
#[tokio::test(start_paused = true)]
async fn a_dropped_next_line_keeps_what_it_has_read() {
    let mut lines = a_line_in_pieces().lines();
    assert!(timeout(ms(50), lines.next_line()).await.is_err());
    assert_eq!(lines.next_line().await.unwrap().unwrap(), "order 1");
}

#[tokio::test(start_paused = true)]
async fn wrong_a_dropped_read_line_loses_what_it_has_read() {
    let (mut io, mut line) = (a_line_in_pieces(), String::new());
    assert!(timeout(ms(50), io.read_line(&mut line)).await.is_err());
    assert_eq!(line, ""); // "ord" was in the future
    io.read_line(&mut line).await.unwrap();
    assert_eq!(line, "er 1\n");
}
// ANCHOR_END: lines

// The place in the queue is lost.

/// Two wait in a queue. The first is dropped and waits again. Then `free` lets one through: is it the first?
fn keeps_its_place<F: Future>(wait: impl Fn() -> F, free: impl FnOnce()) -> bool {
    let (mut first, mut second) = (spawn(wait()), spawn(wait()));
    assert!(first.poll().is_pending() && second.poll().is_pending());
    drop(first);
    let mut first = spawn(wait());
    assert!(first.poll().is_pending());
    free();
    let served = first.poll().is_ready();
    assert_ne!(served, second.poll().is_ready(), "exactly one is let through");
    served
}

#[tokio::test]
async fn a_queue_serves_the_first_one_that_waits() {
    let permits = Semaphore::new(1);
    let held = permits.acquire().await.unwrap();
    let (mut first, mut second) = (spawn(permits.acquire()), spawn(permits.acquire()));
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    drop(held);
    assert_pending!(second.poll());
    assert!(assert_ready!(first.poll()).is_ok());
}

#[tokio::test]
async fn a_dropped_acquire_loses_its_place_in_the_queue() {
    let permits = Semaphore::new(1);
    let held = permits.acquire().await.unwrap();
    assert!(!keeps_its_place(|| permits.acquire(), || drop(held)));
}

#[tokio::test]
async fn a_dropped_lock_loses_its_place_in_the_queue() {
    let lock = Mutex::new(());
    let held = lock.lock().await;
    assert!(!keeps_its_place(|| lock.lock(), || drop(held)));
}

#[tokio::test]
async fn a_dropped_reserve_loses_its_place_in_the_queue() {
    let (tx, mut rx) = mpsc::channel(1);
    tx.send(1).await.unwrap();
    assert!(!keeps_its_place(|| tx.reserve(), || assert_eq!(rx.try_recv(), Ok(1))));
}

#[tokio::test]
async fn a_permit_that_was_assigned_to_a_dropped_acquire_goes_to_the_next() {
    let permits = Semaphore::new(1);
    let held = permits.acquire().await.unwrap();
    let (mut first, mut second) = (spawn(permits.acquire()), spawn(permits.acquire()));
    assert_pending!(first.poll());
    assert_pending!(second.poll());
    drop(held); // the permit is assigned to the first, which has not been polled yet
    assert!(first.is_woken());
    drop(first);
    assert!(second.is_woken());
    assert!(assert_ready!(second.poll()).is_ok());
}

// Data is lost.

#[tokio::test]
async fn a_dropped_send_loses_its_event() {
    let (tx, mut rx) = mpsc::channel(1);
    tx.send("order 1").await.unwrap();
    let mut sending = spawn(tx.send("order 2"));
    assert_pending!(sending.poll());
    drop(sending);
    assert_eq!(rx.recv().await, Some("order 1"));
    assert_eq!(rx.try_recv(), Err(TryRecvError::Empty));
}

#[tokio::test]
async fn a_dropped_read_exact_loses_how_much_it_has_read() {
    let (mut shop, mut io) = duplex(64);
    let mut bytes = [0; 7];
    let mut reading = spawn(io.read_exact(&mut bytes));
    shop.write_all(b"ord").await.unwrap();
    assert_pending!(reading.poll()); // has read "ord"
    drop(reading);
    shop.write_all(b"er 1order 2").await.unwrap();
    io.read_exact(&mut bytes).await.unwrap();
    assert_eq!(&bytes, b"er 1ord");
}

#[tokio::test]
async fn a_dropped_write_all_loses_how_much_it_has_written() {
    let (mut io, mut broker) = duplex(4);
    let mut writing = spawn(io.write_all(b"order 1"));
    assert_pending!(writing.poll()); // has written "orde"
    drop(writing);
    let mut received = [0; 11];
    let (wrote, read) = tokio::join!(io.write_all(b"order 1"), broker.read_exact(&mut received));
    wrote.unwrap();
    read.unwrap();
    assert_eq!(&received, b"ordeorder 1");
}
