//! The tests of exercise 16.3. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::timeout;
use tokio_test::io::Builder;

use super::sut::listen;

#[tokio::test(start_paused = true)]
async fn a_line_that_comes_in_two_pieces_is_whole() {
    let io = Builder::new().read(b"order").wait(Duration::from_millis(80)).read(b" 1\norder 2\n").build();
    let journal = Journal::new();
    timeout(HOUR, listen(io, journal.clone())).await.expect("no task can go on").unwrap();
    assert_journal!(
        journal,
        [
            (0, "listener", "beat"),
            (50, "listener", "beat"), // here `next` was dropped
            (80, "listener", "line \"order 1\""),
            (80, "listener", "line \"order 2\""),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_line_that_comes_in_five_pieces_is_whole() {
    let mut io = Builder::new();
    for piece in ["or", "d", "er ", "1", "0\n"] {
        io.read(piece.as_bytes()).wait(Duration::from_millis(60));
    }
    let journal = Journal::new();
    timeout(HOUR, listen(io.build(), journal.clone())).await.expect("no task can go on").unwrap();
    let lines: Vec<String> =
        journal.entries().into_iter().map(|note| note.what).filter(|what| what != "beat").collect();
    assert_eq!(lines, ["line \"order 10\""], "one line was sent, in five pieces");
}

#[tokio::test(start_paused = true)]
async fn each_line_is_returned_once() {
    let io = Builder::new().read(b"a\n\nb\n").build();
    let journal = Journal::new();
    timeout(HOUR, listen(io, journal.clone())).await.expect("no task can go on").unwrap();
    let lines: Vec<String> =
        journal.entries().into_iter().map(|note| note.what).filter(|what| what != "beat").collect();
    assert_eq!(
        lines,
        ["line \"a\"", "line \"\"", "line \"b\""],
        "three lines were sent, the second one empty"
    );
}
