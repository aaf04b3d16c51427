//! The tests of exercise 20.2. Your file and the solution are tested by this one copy.

use std::str::FromStr;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;

use tokio::sync::watch;

use super::sut::{Config, apply};

/// Calls `apply` on a thread of its own: it may block its thread, and then the test can still fail.
fn start<C>(text: &str, config: &watch::Sender<C>) -> Receiver<Result<bool, String>>
where
    C: FromStr<Err = String> + PartialEq + Clone + Default + Send + Sync + 'static,
{
    let (text, config, (tell, told)) = (text.to_owned(), config.clone(), channel());
    thread::spawn(move || tell.send(apply(&text, &config)));
    told
}

/// What `apply` returned.
fn returned(told: &Receiver<Result<bool, String>>) -> Result<bool, String> {
    match told.recv_timeout(Duration::from_secs(2)) {
        Ok(returned) => returned,
        Err(RecvTimeoutError::Timeout) => panic!(
            "`apply` blocks its thread: what `borrow` returns holds a lock until it is dropped, and a method that sends \
             waits for that lock"
        ),
        Err(RecvTimeoutError::Disconnected) => panic!("`apply` has panicked: see above"),
    }
}

/// Applies this text where a batch size of 100 is applied.
#[track_caller]
fn check(text: &str, expected: Result<bool, &str>, batch_size: u32, notified: bool) {
    let (tx, rx) = watch::channel(Config { batch_size: 100 });
    let show = |returned: Result<bool, &str>, batch_size: u32, notified: bool| {
        let notified = if notified { "are notified" } else { "are not notified" };
        format!("returns {returned:?}, the batch size is {batch_size}, and the readers {notified}")
    };
    let expected = show(expected, batch_size, notified);
    let returned = returned(&start(text, &tx));
    let was_notified = rx.has_changed().expect("a sender exists");
    let actual =
        show(returned.as_ref().copied().map_err(String::as_str), rx.borrow().batch_size, was_notified);
    assert!(
        actual == expected,
        "the batch size is 100, and the file says {text:?}:\n  expected: {expected}\n  actual:   {actual}"
    );
}

#[test]
fn a_change_is_applied_and_the_readers_are_notified() {
    check("batch_size = 200", Ok(true), 200, true);
}

#[test]
fn nobody_is_notified_when_nothing_has_changed() {
    check("batch_size = 100", Ok(false), 100, false);
}

#[test]
fn a_bad_file_changes_nothing() {
    check("batch_size = many", Err("batch_size is not a number: many"), 100, false);
    check("", Err("batch_size is missing"), 100, false);
}

#[test]
fn a_change_is_applied_although_there_is_no_reader() {
    let (tx, rx) = watch::channel(Config { batch_size: 100 });
    drop(rx);
    let returned = returned(&start("batch_size = 200", &tx));
    assert_eq!(
        returned,
        Ok(true),
        "left: returned, right: expected. That nobody reads at the moment is not an error"
    );
    let now = tx.subscribe().borrow().batch_size;
    assert_eq!(now, 200, "200 was applied while nobody read, but a later reader gets {now}");
}

/// A configuration that compares slowly: it waits until a second comparison has begun, but at most 200 ms.
#[derive(Clone, Default)]
struct Slow(String);

static COMPARISONS: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

impl PartialEq for Slow {
    fn eq(&self, other: &Self) -> bool {
        let mut begun = COMPARISONS.0.lock().unwrap();
        *begun += 1;
        COMPARISONS.1.notify_all();
        let waited = COMPARISONS.1.wait_timeout_while(begun, Duration::from_millis(200), |begun| *begun < 2);
        drop(waited.unwrap());
        self.0 == other.0
    }
}

impl FromStr for Slow {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(Self(text.to_owned()))
    }
}

#[test]
fn of_two_threads_only_one_changes_something() {
    let config = watch::Sender::new(Slow("old".to_owned()));
    let both = [start("new", &config), start("new", &config)];
    let mut both = both.map(|told| returned(&told).expect("the file is good"));
    both.sort_unstable();
    assert_eq!(
        both,
        [false, true],
        "left: what `apply` returned to two threads with the same new text, right: expected. Did both compare before \
         either of them had replaced the configuration?"
    );
}
