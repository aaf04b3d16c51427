//! The tests of exercise 23.2. Your file and the solution are tested by this one copy.

use std::io;
use std::panic::resume_unwind;
use std::time::Duration;

use shared::schedule::{Tasks, assert_holds};
use shared::{Entry, HOUR, Journal, assert_journal};
use tokio::sync::mpsc;
use tokio::time::{sleep, sleep_until, timeout};
use tokio_test::task;
use tokio_util::sync::CancellationToken;

use super::sut::{Client, Listener, serve};

/// When a client arrives, its number, and what becomes of it.
type Arrival = (u64, u32, Fate);

#[derive(Clone, Copy)]
enum Fate {
    /// Is served for so many milliseconds.
    Takes(u64),
    /// Has given up before it is accepted: an error of `accept`.
    GivesUp,
    /// Its task panics after so many milliseconds.
    Panics(u64),
}
use Fate::{GivesUp, Panics, Takes};

struct Port {
    backlog: mpsc::Receiver<(u32, Fate)>,
    journal: Journal,
}

impl Listener for Port {
    type Client = Served;

    async fn accept(&mut self) -> io::Result<Served> {
        let Some((number, fate)) = self.backlog.recv().await else { std::future::pending().await };
        if let GivesUp = fate {
            self.journal.log("port", format_args!("client {number} has given up"));
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        self.journal.log("port", format_args!("client {number} is accepted"));
        Ok(Served { number, fate, journal: Some(self.journal.clone()) })
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        self.journal.log("port", "is closed");
    }
}

struct Served {
    number: u32,
    fate: Fate,
    /// Taken out when the client has been served.
    journal: Option<Journal>,
}

impl Client for Served {
    async fn serve(mut self) {
        let (Takes(ms) | Panics(ms)) = self.fate else { unreachable!("it was not accepted") };
        sleep(Duration::from_millis(ms)).await;
        let journal = self.journal.take().expect("it is served once");
        if let Panics(_) = self.fate {
            journal.log(format_args!("client {}", self.number), "ends with a panic");
            resume_unwind(Box::new("a bug")); // prints nothing
        }
        journal.log(format_args!("client {}", self.number), "has been served");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Some(journal) = &self.journal {
            journal.log(format_args!("client {}", self.number), "is cut off");
        }
    }
}

/// Lets the clients arrive, and stops the server at `stop_ms`. Returns what happened.
async fn story_of(arrivals: Vec<Arrival>, stop_ms: u64) -> Journal {
    let (journal, stop) = (Journal::new(), CancellationToken::new());
    let (connect, backlog) = mpsc::channel(100);
    let start = tokio::time::Instant::now();
    let arriving = tokio::spawn(async move {
        for (at_ms, number, fate) in arrivals {
            sleep_until(start + Duration::from_millis(at_ms)).await;
            connect.send((number, fate)).await.ok(); // fails when the port is closed
        }
        connect.closed().await;
    });
    let stopping = tokio::spawn({
        let (journal, stop) = (journal.clone(), stop.clone());
        async move {
            sleep_until(start + Duration::from_millis(stop_ms)).await;
            journal.log("main", "stops the server");
            stop.cancel();
        }
    });
    let port = Port { backlog, journal: journal.clone() };
    // In a task, so that a panic of the server is an entry too.
    let ended = timeout(HOUR, tokio::spawn(serve(port, stop))).await;
    let how = match ended {
        Ok(Ok(())) => "returns",
        Ok(Err(_)) => "has panicked",
        Err(_) => "has not returned",
    };
    journal.log("server", how);
    sleep(HOUR).await; // what is left behind is logged now
    arriving.abort();
    stopping.abort();
    journal
}

#[tokio::test(start_paused = true)]
async fn a_full_server_closes_its_port_at_once_and_serves_the_two_that_it_has() {
    let arrivals = vec![(0, 5, Takes(310)), (20, 2, Takes(90)), (30, 9, Takes(230)), (40, 4, Takes(70))];
    assert_journal!(
        story_of(arrivals, 137).await,
        [
            (0, "port", "client 5 is accepted"),
            (20, "port", "client 2 is accepted"),
            (110, "client 2", "has been served"),
            (110, "port", "client 9 is accepted"),
            (137, "main", "stops the server"),
            (137, "port", "is closed"), // client 4 was never accepted
            (310, "client 5", "has been served"),
            (340, "client 9", "has been served"),
            (340, "server", "returns"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_with_a_free_slot_closes_its_port_at_once_too() {
    assert_journal!(
        story_of(vec![(10, 8, Takes(190)), (120, 3, Takes(50))], 61).await,
        [
            (10, "port", "client 8 is accepted"),
            (61, "main", "stops the server"),
            (61, "port", "is closed"),
            (200, "client 8", "has been served"),
            (200, "server", "returns"),
        ]
    );
    assert_journal!(
        story_of(vec![], 43).await,
        [(43, "main", "stops the server"), (43, "port", "is closed"), (43, "server", "returns")]
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_is_accepted_when_one_of_two_slots_is_free() {
    let takes_ms = [(6, 170), (1, 50), (7, 130), (3, 210), (5, 30), (2, 70)];
    let arrivals = takes_ms.into_iter().map(|(number, ms)| (3, number, Takes(ms))).collect();
    assert_journal!(
        story_of(arrivals, 900).await,
        [
            (3, "port", "client 6 is accepted"),
            (3, "port", "client 1 is accepted"),
            (53, "client 1", "has been served"),
            (53, "port", "client 7 is accepted"),
            (173, "client 6", "has been served"),
            (173, "port", "client 3 is accepted"),
            (183, "client 7", "has been served"),
            (183, "port", "client 5 is accepted"),
            (213, "client 5", "has been served"),
            (213, "port", "client 2 is accepted"),
            (283, "client 2", "has been served"),
            (383, "client 3", "has been served"),
            (900, "main", "stops the server"),
            (900, "port", "is closed"),
            (900, "server", "returns"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn neither_an_error_of_accept_nor_a_panic_ends_the_server() {
    let arrivals = vec![
        (5, 4, Panics(60)),
        (10, 9, GivesUp),
        (20, 1, Takes(150)),
        (30, 8, Takes(80)),
        (40, 2, Panics(70)),
    ];
    assert_journal!(
        story_of(arrivals, 160).await,
        [
            (5, "port", "client 4 is accepted"),
            (10, "port", "client 9 has given up"),
            (20, "port", "client 1 is accepted"),
            (65, "client 4", "ends with a panic"),
            (65, "port", "client 8 is accepted"),
            (145, "client 8", "has been served"),
            (145, "port", "client 2 is accepted"),
            (160, "main", "stops the server"),
            (160, "port", "is closed"),
            (170, "client 1", "has been served"),
            (215, "client 2", "ends with a panic"),
            (215, "server", "returns"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn it_sleeps_while_nothing_happens() {
    let (connect, backlog) = mpsc::channel(10);
    for number in [3, 1, 2] {
        connect.send((number, Takes(1_000_000))).await.unwrap();
    }
    let (journal, stop) = (Journal::new(), CancellationToken::new());
    let mut serving = task::spawn(serve(Port { backlog, journal }, stop.clone()));
    assert!(serving.poll_until_idle().is_pending(), "the server has returned before it was told to stop");
    sleep(Duration::from_millis(300)).await;
    assert!(!serving.is_woken(), "while it is full, the server checks again and again instead of waiting");
    stop.cancel();
    assert!(serving.poll_until_idle().is_pending(), "the server has returned before its clients were served");
    sleep(Duration::from_millis(300)).await;
    assert!(!serving.is_woken(), "while it drains, the server checks again and again instead of waiting");
}

/// Two clients, the stop, and the server: in every order in which they can go on.
#[test]
fn in_every_schedule_no_client_is_accepted_after_the_stop() {
    let story = |journal: Journal| async move {
        let (stop, (connect, backlog)) = (CancellationToken::new(), mpsc::channel(2));
        let port = Port { backlog, journal: journal.clone() };
        let arriving = async {
            for number in [8, 3] {
                connect.send((number, Takes(50))).await.ok(); // fails when the port is closed
            }
            connect.closed().await;
        };
        let main = async {
            sleep(Duration::ZERO).await;
            journal.log("main", "stops the server");
            stop.cancel();
        };
        Tasks::new().with(serve(port, stop.clone())).with(arriving).with(main).run().await;
    };
    let none_after_the_stop = |journal: &[Entry]| {
        let after = journal.iter().skip_while(|entry| entry.task != "main");
        match after.into_iter().find(|entry| entry.what.ends_with("is accepted")) {
            Some(accepted) => Err(format!("{} after the stop", accepted.what)),
            None => Ok(()),
        }
    };
    assert_holds(story, none_after_the_stop);
}
