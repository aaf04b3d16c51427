//! The tests of exercise 20.2. Your file and the solution are tested by this one copy.

use tokio::sync::watch;

use super::sut::{Config, take_on};

/// A configuration of 100, and a reader that has seen it.
fn configured() -> (watch::Sender<Config>, watch::Receiver<Config>) {
    watch::channel(Config { batch_size: 100 })
}

#[track_caller]
fn check(text: &str, returned: Result<bool, &str>, batch_size: u32, told: bool) {
    let (tx, rx) = configured();
    let show = |returned: Result<bool, &str>, batch_size: u32, told: bool| {
        let told = if told { "told" } else { "not told" };
        format!("returned {returned:?}, the batch size is {batch_size}, the readers are {told}")
    };
    let expected = show(returned, batch_size, told);
    let was = take_on(text, &tx);
    let was_told = rx.has_changed().expect("the sender is here");
    let actual = show(was.as_ref().copied().map_err(String::as_str), rx.borrow().batch_size, was_told);
    assert!(
        actual == expected,
        "the batch size was 100, and the file says {text:?}:\n  expected: {expected}\n  actual:   {actual}"
    );
}

#[test]
fn a_change_is_taken_on_and_told() {
    check("batch_size = 200", Ok(true), 200, true);
}

#[test]
fn nobody_is_told_when_nothing_has_changed() {
    check("batch_size = 100", Ok(false), 100, false);
}

#[test]
fn a_bad_file_keeps_the_old_configuration() {
    check("batch_size = many", Err("batch_size is no number: many"), 100, false);
    check("", Err("there is no batch_size"), 100, false);
}

#[test]
fn who_reads_later_gets_the_new_one() {
    let (tx, rx) = configured();
    drop(rx); // nobody reads now
    assert_eq!(
        take_on("batch_size = 200", &tx),
        Ok(true),
        "that nobody reads at the moment is no error: `send` fails then, and keeps nothing"
    );
    let now = tx.subscribe().borrow().batch_size;
    assert_eq!(now, 200, "nobody was there to be told, but the configuration has changed");
}
