//! What lesson 12 says about threads and locks. Most tests use plain threads, and none asserts how long something takes.

use std::sync::mpsc as std_mpsc;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::yield_now;

/// Long enough to see that something does not happen. Correct code passes however short it is.
const A_WHILE: Duration = Duration::from_millis(50);

// ANCHOR: watch-lock
#[test]
fn wrong_a_borrow_of_a_watch_blocks_its_sender() {
    let (tx, rx) = watch::channel("old");
    let (tell, sent) = std_mpsc::channel();
    let reading = rx.borrow(); // holds a read lock until it is dropped
    let sending = thread::spawn(move || {
        tx.send("new").unwrap();
        tell.send(()).unwrap();
    });
    assert!(sent.recv_timeout(A_WHILE).is_err(), "the sender's thread is blocked");

    drop(reading);
    sent.recv().expect("now it continues");
    sending.join().unwrap();
    assert_eq!(*rx.borrow(), "new");
}
// ANCHOR_END: watch-lock

#[test]
fn wrong_a_borrow_across_an_await_hangs_when_the_sender_is_on_the_same_thread() {
    let (tell, told) = std_mpsc::channel();
    // Nothing can end this thread, so the test leaves it behind.
    thread::spawn(move || {
        Builder::new_current_thread().build().unwrap().block_on(async {
            let (tx, rx) = watch::channel("old");
            let reading = rx.borrow();
            let tell_main = tell.clone();
            tokio::spawn(async move {
                tell.send("sends").unwrap();
                tx.send("new").unwrap();
                tell.send("has sent").unwrap();
            });
            yield_now().await; // runs the sender, which blocks the only thread
            drop(reading);
            tell_main.send("has read").unwrap();
        });
    });
    assert_eq!(told.recv(), Ok("sends"));
    assert!(told.recv_timeout(A_WHILE).is_err(), "neither task makes progress");
}

/// A value whose first copy takes until the test ends it.
struct SlowToCopy {
    begun: Arc<Barrier>,
    done: Arc<Barrier>,
}

impl Clone for SlowToCopy {
    fn clone(&self) -> Self {
        self.begun.wait();
        self.done.wait();
        Self { begun: self.begun.clone(), done: self.done.clone() }
    }
}

#[test]
fn wrong_a_slow_clone_blocks_the_sender_of_a_broadcast() {
    let (begun, done) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let event = || SlowToCopy { begun: begun.clone(), done: done.clone() };
    let (tx, mut rx) = broadcast::channel(1);
    assert!(tx.send(event()).is_ok());
    let _keeps_it_open = tx.subscribe();
    let copying = thread::spawn(move || rx.try_recv().is_ok());
    begun.wait(); // the receiver is cloning the event and holds the mutex of its slot

    let (tell, sent) = std_mpsc::channel();
    let second = event();
    let sending = thread::spawn(move || {
        assert!(tx.send(second).is_ok());
        tell.send(()).unwrap();
    });
    assert!(sent.recv_timeout(A_WHILE).is_err(), "the sender needs the slot: its thread is blocked");

    done.wait();
    sent.recv().expect("now it continues");
    sending.join().unwrap();
    assert!(copying.join().unwrap());
}

#[tokio::test(start_paused = true)]
async fn mpsc_and_oneshot_move_the_value() {
    struct NoClone; // nothing can clone it, under a lock or elsewhere

    let (tx, mut rx) = mpsc::channel(1);
    assert!(tx.try_send(NoClone).is_ok());
    let _held = rx.recv().await; // ours, for as long as we like
    assert!(tx.try_send(NoClone).is_ok(), "its slot is free again");

    let (answer, answered) = oneshot::channel();
    assert!(answer.send(NoClone).is_ok());
    assert!(answered.await.is_ok());
}

#[tokio::test]
async fn a_plain_thread_can_use_tokios_mpsc() {
    let (requests, mut requests_rx) = mpsc::channel(1);
    let (answers, mut answers_rx) = mpsc::channel(1);
    let thread = thread::spawn(move || {
        let request: u32 = requests_rx.blocking_recv().unwrap();
        answers.blocking_send(request + 1).unwrap();
    });
    requests.send(16).await.unwrap();
    assert_eq!(answers_rx.recv().await, Some(17));
    thread.join().unwrap();
}

#[tokio::test]
#[should_panic(expected = "Cannot block the current thread from within a runtime")]
async fn wrong_blocking_recv_in_a_task_panics() {
    let (_tx, mut rx) = mpsc::channel::<u32>(1);
    rx.blocking_recv();
}

#[tokio::test]
#[should_panic(expected = "Cannot block the current thread from within a runtime")]
async fn wrong_blocking_send_in_a_task_panics() {
    let (tx, _rx) = mpsc::channel(1);
    let _sent = tx.blocking_send(17);
}
