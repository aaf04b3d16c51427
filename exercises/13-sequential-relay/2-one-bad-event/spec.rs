//! The tests of exercise 13.2. Your file and the solution are tested by this one copy.

use shared::{HOUR, Journal, assert_journal};
use tokio::time::timeout;

use super::sut::{Refused, Summary, relay};

#[tokio::test(start_paused = true)]
async fn a_refused_event_does_not_stop_those_behind_it() {
    let journal = Journal::new();
    let ended = timeout(HOUR, relay(vec![9, 10, 11, 20, 21], journal.clone())).await;
    assert_journal!(
        journal,
        [
            (100, "relay", "published event 9"),
            (200, "relay", "event 10 was refused"),
            (300, "relay", "published event 11"),
            (400, "relay", "event 20 was refused"),
            (500, "relay", "published event 21"),
        ]
    );
    let expected = Summary {
        published: vec![9, 11, 21],
        failed: vec![(10, Refused("too large")), (20, Refused("too large"))],
    };
    let summary = ended.expect("relay did not return");
    assert!(
        summary.as_ref() == Ok(&expected),
        "all events were tried, and the summary does not say what became of each\n\
         expected: {:?}\n\
         actual:   {summary:?}",
        Ok::<_, Refused>(&expected)
    );
}
