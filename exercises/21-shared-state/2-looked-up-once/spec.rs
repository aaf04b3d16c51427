//! The tests of exercise 21.2. Your file and the solution are tested by this one copy.

use std::sync::Arc;
use std::time::Duration;

use shared::schedule::{Tasks, any_ms, assert_holds_in};
use shared::{Entry, HOUR, Journal, assert_journal};
use tokio::time::{sleep, timeout};

use super::sut::{Catalogue, Prices, Unavailable, ask};

const STUCK: &str = "somebody waits for a price that will never come";

/// Asks for a price after a while, in a task, and logs the answer.
async fn caller(name: &str, after_ms: u64, product: &'static str, prices: &Arc<Prices>, journal: &Journal) {
    sleep(Duration::from_millis(after_ms)).await;
    let answer = timeout(HOUR, ask(Arc::clone(prices), product)).await.expect(STUCK);
    match answer.expect("`of` panics") {
        Ok(cents) => journal.log(name, format_args!("is told {cents} cents")),
        Err(Unavailable) => journal.log(name, "is told that the catalogue is unavailable"),
    }
}

#[tokio::test(start_paused = true)]
async fn callers_that_ask_at_the_same_time_share_one_look_up() {
    let journal = Journal::new();
    let answers = [("lamp", 310, Ok(4217)), ("lamp", 310, Ok(9999)), ("chair", 130, Ok(1583))];
    let prices = Arc::new(Prices::new(Catalogue::new(answers, journal.clone())));
    tokio::join!(
        caller("caller 1", 0, "lamp", &prices, &journal),
        caller("caller 2", 20, "lamp", &prices, &journal),
        caller("caller 3", 50, "chair", &prices, &journal),
        caller("caller 4", 170, "lamp", &prices, &journal),
        caller("caller 5", 200, "chair", &prices, &journal), // known, although a lamp is being looked up
        caller("caller 6", 500, "lamp", &prices, &journal),
    );
    assert_journal!(
        journal,
        [
            (0, "catalogue", "is asked about the lamp"),
            (50, "catalogue", "is asked about the chair"),
            (180, "caller 3", "is told 1583 cents"),
            (200, "caller 5", "is told 1583 cents"),
            (310, "caller 1", "is told 4217 cents"),
            (310, "caller 2", "is told 4217 cents"),
            (310, "caller 4", "is told 4217 cents"),
            (500, "caller 6", "is told 4217 cents"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_not_remembered() {
    let journal = Journal::new();
    let answers = [("sofa", 90, Err(Unavailable)), ("sofa", 140, Ok(70_003)), ("sofa", 140, Ok(9999))];
    let prices = Arc::new(Prices::new(Catalogue::new(answers, journal.clone())));
    tokio::join!(
        caller("caller 1", 0, "sofa", &prices, &journal),
        caller("caller 2", 110, "sofa", &prices, &journal),
        caller("caller 3", 120, "sofa", &prices, &journal),
    );
    assert_journal!(
        journal,
        [
            (0, "catalogue", "is asked about the sofa"),
            (90, "caller 1", "is told that the catalogue is unavailable"),
            (110, "catalogue", "is asked about the sofa"),
            (250, "caller 2", "is told 70003 cents"),
            (250, "caller 3", "is told 70003 cents"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_gives_up_leaves_nobody_waiting() {
    let journal = Journal::new();
    let prices = Arc::new(Prices::new(Catalogue::new([("desk", 220, Ok(8891))], journal.clone())));
    let first = ask(Arc::clone(&prices), "desk");
    sleep(Duration::from_millis(30)).await;
    let second = ask(Arc::clone(&prices), "desk");
    sleep(Duration::from_millis(40)).await;
    first.abort();
    let answer = timeout(HOUR, second).await.expect(STUCK).expect("`of` panics");
    assert!(
        answer == Ok(8891),
        "the first caller has given up, and the second must still get the price of the desk\n\
         expected: Ok(8891)\n\
         actual:   {answer:?}"
    );
    let asked = journal.entries().len();
    assert!(
        asked <= 2,
        "two callers, of which one gave up: the catalogue was asked {asked} times, and two are enough"
    );
}

/// Three callers that ask at about the same time; in a thousand schedules.
#[test]
fn in_every_schedule_a_price_is_looked_up_once() {
    let story = |journal: Journal| async move {
        let prices = Prices::new(Catalogue::new([("lamp", 310, Ok(4217))], journal.clone()));
        let caller = async |name| {
            sleep(any_ms(1..=2)).await;
            let answer = prices.of("lamp").await;
            journal.log(name, format_args!("is told {answer:?}"));
        };
        Tasks::new().with(caller("caller 1")).with(caller("caller 2")).with(caller("caller 3")).run().await;
    };
    let once = |journal: &[Entry]| match journal.iter().filter(|entry| entry.task == "catalogue").count() {
        1 => Ok(()),
        times => Err(format!("the catalogue is asked {times} times about the lamp")),
    };
    assert_holds_in(1000, story, once);
}
