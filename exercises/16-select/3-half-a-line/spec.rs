//! The tests of exercise 16.3. Your file and the solution are tested by this one copy.

use std::io;
use std::time::Duration;

use shared::{HOUR, Journal, assert_journal};
use tokio::time::timeout;
use tokio_test::io::{Builder, Mock};

use super::sut::{Lines, listen};

const STUCK: &str = "next does not return, and no task can make progress";

/// A connection on which these pieces arrive, with 23 ms between two. Then it ends, or fails.
fn connection(pieces: &[&[u8]], error: Option<io::ErrorKind>) -> Mock {
    let mut io = Builder::new();
    for piece in pieces {
        io.read(piece).wait(Duration::from_millis(23));
    }
    if let Some(error) = error {
        io.read_error(error.into());
    }
    io.build()
}

/// Reads all lines. Each call of `next` that takes longer than 7 ms is dropped, and `next` is called again.
async fn read_impatiently(connection: Mock) -> (io::Result<Vec<String>>, Lines<Mock>) {
    let mut lines = Lines::new(connection);
    let mut read = Vec::new();
    let reading = async {
        loop {
            let Ok(line) = timeout(Duration::from_millis(7), lines.next()).await else { continue };
            match line? {
                Some(line) => read.push(line),
                None => return Ok(()),
            }
        }
    };
    let ended = timeout(HOUR, reading).await.expect(STUCK);
    (ended.map(|()| read), lines)
}

async fn assert_lines(pieces: &[&[u8]], expected: &[&str], why: &str) {
    // The connection lives until the lines are compared: it panics when it is dropped before all of it was read.
    let (read, _connection) = read_impatiently(connection(pieces, None)).await;
    let read = read.unwrap_or_else(|error| {
        panic!("{why}: expected {expected:?}, and next has returned the error: {error}")
    });
    assert!(read == expected, "{why}: expected {expected:?}, and got {read:?}");
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_does_not_lose_the_first_piece() {
    let io = Builder::new().read(b"order").wait(Duration::from_millis(80)).read(b" 1\norder 2\n").build();
    let journal = Journal::new();
    timeout(HOUR, listen(io, journal.clone())).await.expect(STUCK).expect("the connection has no error");
    assert_journal!(
        journal,
        [
            (0, "listener", "heartbeat"),
            (50, "listener", "heartbeat"), // drops the future of `next`
            (80, "listener", "reads \"order 1\""),
            (80, "listener", "reads \"order 2\""),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_line_in_five_pieces_is_whole() {
    let why = "one line arrived in five pieces";
    assert_lines(&[b"or", b"d", b"er ", b"1", b"0\n"], &["order 10"], why).await;
}

#[tokio::test(start_paused = true)]
async fn one_piece_may_hold_many_lines_and_the_beginning_of_the_next() {
    let why = "five lines arrived, the third one empty";
    assert_lines(&[b"a\nbc", b"\n\nd", b"ef\ng\n"], &["a", "bc", "", "def", "g"], why).await;
}

#[tokio::test(start_paused = true)]
async fn a_letter_in_two_pieces_is_whole() {
    let why = "`ü` is two bytes, and they arrived one by one";
    assert_lines(&[b"T\xc3", b"\xbcr\n"], &["Tür"], why).await;
}

#[tokio::test(start_paused = true)]
async fn an_unfinished_line_is_not_returned() {
    let why = "the connection ended after `order 1`, which may have been the beginning of `order 12`";
    assert_lines(&[b"order 7\nor", b"der 1"], &["order 7"], why).await;
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_connection_is_returned() {
    let reset = connection(&[b"order"], Some(io::ErrorKind::ConnectionReset));
    let (read, _connection) = read_impatiently(reset).await;
    let error = read.expect_err("the connection was reset, and next has not returned the error");
    assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "next must return the error of the connection");
}
