//! The tests of exercise 12.1. Your file and the solution are tested by this one copy.

use std::time::Duration;

use shared::schedule::{Tasks, any_ms, assert_holds_in};
use shared::{Entry, HOUR, Journal, assert_journal};
use tokio::runtime::Handle;
use tokio::time::{sleep, timeout};

use super::sut::{Client, Disk, start};

fn disk() -> Disk {
    let files = vec![
        ("report.pdf", 512, 230),
        ("cat.png", 2048, 70),
        ("movie.mp4", 99_000_000, 370),
        ("song.mp3", 4_000_000, 140),
        ("backup.tar", 7_000_000_000, 95_430),
    ];
    Disk { files }
}

/// Asks at that moment, and logs what `size_of` returned.
async fn caller(number: u32, at_ms: u64, file: &'static str, client: Client, journal: Journal) {
    sleep(Duration::from_millis(at_ms)).await;
    let what = match timeout(HOUR, client.size_of(file)).await {
        Ok(Some(size)) => format!("{file} has {size} bytes"),
        Ok(None) => format!("no answer for {file}"),
        Err(_) => "gave up after an hour: size_of did not return".to_owned(),
    };
    journal.log(format_args!("caller {number}"), what);
}

/// How often the thread has had nothing to do and slept. A task that keeps checking wakes it each time.
fn times_slept() -> u64 {
    Handle::current().metrics().worker_park_count(0)
}

#[tokio::test(start_paused = true)]
async fn each_caller_gets_the_answer_to_its_own_request() {
    let journal = Journal::new();
    let (service, client) = start(disk());
    let callers = [
        tokio::spawn(caller(1, 0, "report.pdf", client.clone(), journal.clone())),
        tokio::spawn(caller(2, 50, "cat.png", client.clone(), journal.clone())),
        tokio::spawn(caller(3, 60, "gone.txt", client.clone(), journal.clone())),
        tokio::spawn(caller(4, 90, "movie.mp4", client.clone(), journal.clone())),
        tokio::spawn(caller(5, 95, "song.mp3", client.clone(), journal.clone())),
        tokio::spawn(caller(6, 310, "cat.png", client, journal.clone())),
    ];
    for caller in callers {
        caller.await.expect("size_of panicked: see the message above");
    }
    assert_journal!(
        journal,
        [
            (230, "caller 1", "report.pdf has 512 bytes"),
            (300, "caller 2", "cat.png has 2048 bytes"),
            (330, "caller 3", "no answer for gone.txt"),
            (700, "caller 4", "movie.mp4 has 99000000 bytes"),
            (840, "caller 5", "song.mp3 has 4000000 bytes"),
            (910, "caller 6", "cat.png has 2048 bytes"),
        ]
    );
    let ended = timeout(HOUR, service).await;
    ended
        .expect("no client is left, but the service still waits for requests")
        .expect("the service panicked");
}

#[tokio::test(start_paused = true)]
async fn when_the_service_is_gone_there_is_no_answer() {
    let journal = Journal::new();
    let (service, client) = start(disk());
    let waiting = tokio::spawn(caller(1, 0, "report.pdf", client.clone(), journal.clone()));
    sleep(Duration::from_millis(50)).await;
    service.abort();
    waiting.await.expect("size_of panicked: see the message above");
    caller(2, 10, "cat.png", client, journal.clone()).await;
    assert_journal!(
        journal,
        [(50, "caller 1", "no answer for report.pdf"), (60, "caller 2", "no answer for cat.png")]
    );
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_does_not_disturb_the_next_one() {
    let journal = Journal::new();
    let (_service, client) = start(disk());
    // This drops the future of `size_of` while the service works on the request.
    let cancelled = timeout(Duration::from_millis(90), client.size_of("report.pdf")).await;
    assert!(
        cancelled.is_err(),
        "report.pdf takes 230 ms, but size_of returned {cancelled:?} within 90 ms: that cannot be the service's answer"
    );
    // The service has finished that request by then.
    caller(2, 160, "cat.png", client, journal.clone()).await;
    assert_journal!(journal, [(320, "caller 2", "cat.png has 2048 bytes")]);
}

#[tokio::test(start_paused = true)]
async fn a_caller_sleeps_until_its_answer_arrives_however_long_it_takes() {
    let journal = Journal::new();
    let (_service, client) = start(disk());
    caller(1, 0, "backup.tar", client, journal.clone()).await;
    let slept = times_slept();
    assert!(
        slept < 50,
        "the service handled a single request, but the thread woke up {slept} times meanwhile: \
         a task keeps checking for the answer instead of waiting for it"
    );
    assert_journal!(journal, [(95_430, "caller 1", "backup.tar has 7000000000 bytes")]);
}

/// Three callers that come at any time, two of them for the same file; in a thousand schedules.
#[test]
fn in_every_schedule_each_caller_gets_its_answer() {
    const CALLERS: [(u32, &str); 3] = [(1, "cat.png"), (2, "song.mp3"), (3, "cat.png")];
    let story = |journal: Journal| async move {
        let (service, client) = start(disk());
        let call = async |(number, file)| {
            let at_ms = any_ms(0..=300).as_millis().try_into().expect("it is short");
            caller(number, at_ms, file, client.clone(), journal.clone()).await;
        };
        let [one, two, three] = CALLERS;
        Tasks::new().with(call(one)).with(call(two)).with(call(three)).run().await;
        drop(client);
        service.await.expect("the service does not panic");
    };
    let each_its_own = |journal: &[Entry]| {
        for (number, file) in CALLERS {
            let bytes = if file == "cat.png" { 2048 } else { 4_000_000 };
            let (caller, right) = (format!("caller {number}"), format!("{file} has {bytes} bytes"));
            if journal.iter().all(|entry| entry.task != caller || entry.what != right) {
                return Err(format!("{right}, and {caller} was told something else"));
            }
        }
        Ok(())
    };
    assert_holds_in(1000, story, each_its_own);
}
