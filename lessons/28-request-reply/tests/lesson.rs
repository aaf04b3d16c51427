//! What lesson 28 says about requests and replies, each claim a test, with exact milliseconds on the paused clock.

use std::time::Duration;

use lesson_28::bus::{Bus, Message, SLOTS};
use lesson_28::prices::{self, PATIENCE, PRICES};
use lesson_28::request::RequestError;
use lesson_28::story::LONG;
use lesson_28::{offers, story, wrong};
use shared::{HOUR, Journal, assert_journal};
use tokio::time::{Instant, sleep, timeout};

const STUCK: &str = "no task can make progress";

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[tokio::test(start_paused = true)]
async fn wrong_a_late_answer_is_taken_for_the_next_one() {
    let journal = Journal::new();
    let bus = prices::start(&journal);
    timeout(HOUR, wrong::shared_inbox(bus, journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "till", "asks for the lamp"),
            (100, "till", "the lamp: no answer in time"),
            (120, "till", "asks for the sofa"),
            (130, "prices", "answers $40 for the lamp"),
            (130, "till", "the sofa costs $40"),
            (150, "till", "asks for the chair"),
            (190, "prices", "answers $900 for the sofa"),
            (190, "till", "the chair costs $900"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_is_dropped_and_counted_and_the_next_request_gets_its_own() {
    let journal = Journal::new();
    let bus = prices::start(&journal);
    timeout(HOUR, prices::till(bus.clone(), journal.clone())).await.expect(STUCK);
    assert_journal!(
        journal,
        [
            (0, "till", "asks for the lamp"),
            (100, "till", "the lamp: no answer in time"),
            (120, "till", "asks for the sofa"),
            (130, "prices", "answers $40 for the lamp, too late: nobody waits"),
            (190, "prices", "answers $900 for the sofa"),
            (190, "till", "the sofa costs $900"),
            (210, "till", "asks for the chair"),
            (255, "prices", "answers $75 for the chair"),
            (255, "till", "the chair costs $75"),
        ]
    );
    assert_eq!((bus.late_replies(), bus.inboxes()), (1, 0));
}

// ANCHOR: any-order
#[tokio::test(start_paused = true)]
async fn each_request_has_an_inbox_of_its_own_so_answers_may_come_in_any_order() {
    let bus = Bus::default();
    let mut requests = bus.subscribe("echo");
    let asking = async { tokio::join!(bus.request("echo", "a", LONG), bus.request("echo", "b", LONG)) };
    let answering = async {
        let (first, second) = (requests.recv().await, requests.recv().await);
        assert_ne!(first.reply_to, second.reply_to);
        assert!(bus.respond(&second, &second.payload)); // the second one first
        assert!(bus.respond(&first, &first.payload));
    };
    let ((a, b), ()) = tokio::join!(asking, answering);
    assert_eq!((a.unwrap().payload.as_str(), b.unwrap().payload.as_str()), ("a", "b"));
}
// ANCHOR_END: any-order

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_several_threads_each_request_gets_its_own_answer_too() {
    let bus = Bus::default();
    let mut requests = bus.subscribe("echo");
    let responder = tokio::spawn({
        let bus = bus.clone();
        async move {
            loop {
                let request = requests.recv().await;
                assert!(bus.respond(&request, &request.payload), "each request waits for an hour");
            }
        }
    });
    let callers = (0..SLOTS).map(|caller| {
        let bus = bus.clone();
        tokio::spawn(async move {
            for number in 0..500 {
                let question = format!("{caller}-{number}");
                assert_eq!(bus.request("echo", &question, HOUR).await.unwrap().payload, question);
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    assert_eq!((bus.inboxes(), bus.late_replies(), responder.is_finished()), (0, 0, false));
    responder.abort();
}

#[tokio::test(start_paused = true)]
async fn an_inbox_is_never_used_again() {
    let bus = Bus::default();
    let mut requests = bus.subscribe("echo");
    let mut inboxes = std::collections::BTreeSet::new();
    for _ in 0..1000 {
        bus.request("echo", "", ms(1)).await.unwrap_err();
        inboxes.insert(requests.recv().await.reply_to.unwrap());
    }
    assert_eq!(inboxes.len(), 1000);
}

#[tokio::test(start_paused = true)]
async fn wrong_a_request_that_nobody_has_taken_waits_until_its_time_is_up() {
    let (bus, started) = (Bus::default(), Instant::now());
    let answer = wrong::waits_for_nobody(&bus, PRICES, "lamp", LONG).await;
    assert_eq!((answer, started.elapsed()), (Err(RequestError::Timeout), ms(1000)));
}

// ANCHOR: no-responders
#[tokio::test(start_paused = true)]
async fn no_responders_are_known_at_once() {
    let (bus, started) = (Bus::default(), Instant::now());
    assert_eq!(bus.request(PRICES, "lamp", LONG).await, Err(RequestError::NoResponders));

    let _lamps_only = bus.subscribe_where(PRICES, |request| request.payload == "lamp");
    assert_eq!(bus.request(PRICES, "sofa", LONG).await, Err(RequestError::NoResponders));
    assert_eq!(started.elapsed(), Duration::ZERO);

    // It has a responder, which takes its time.
    assert_eq!(bus.request(PRICES, "lamp", LONG).await, Err(RequestError::Timeout));
    assert_eq!(started.elapsed(), LONG);
}
// ANCHOR_END: no-responders

#[tokio::test(start_paused = true)]
async fn a_responder_whose_mailbox_is_full_has_not_taken_the_request() {
    let bus = Bus::default();
    let _busy = bus.subscribe(PRICES);
    for _ in 0..SLOTS {
        assert_eq!(bus.publish(Message::new(PRICES, "lamp")), 1);
    }
    assert_eq!(bus.request(PRICES, "lamp", LONG).await, Err(RequestError::NoResponders));
}

#[tokio::test(start_paused = true)]
async fn wrong_a_service_that_subscribes_in_its_task_misses_the_first_request() {
    let bus = wrong::subscribes_in_its_task(&Journal::new());
    assert_eq!(bus.request(PRICES, "lamp", LONG).await, Err(RequestError::NoResponders));
    sleep(ms(1)).await;
    assert_eq!(bus.request(PRICES, "lamp", LONG).await.unwrap().payload, "$40");

    let bus = prices::start(&Journal::new());
    assert_eq!(bus.request(PRICES, "lamp", LONG).await.unwrap().payload, "$40");
}

#[tokio::test(start_paused = true)]
async fn after_a_timeout_the_work_may_have_been_done() {
    let journal = Journal::new();
    let bus = prices::start(&journal);
    assert_eq!(bus.request(PRICES, "lamp", PATIENCE).await, Err(RequestError::Timeout));
    assert_journal!(journal, []);
    sleep(ms(50)).await;
    assert_journal!(journal, [(130, "prices", "answers $40 for the lamp, too late: nobody waits")]);
}

// ANCHOR: thousand
/// Drops 1,000 requests after 30 ms each, and returns how many inboxes are left.
async fn drop_a_thousand(ask: impl AsyncFn(&Bus) -> prices::Answer) -> usize {
    let bus = Bus::default();
    let mut requests = bus.subscribe(PRICES);
    for _ in 0..1000 {
        assert!(timeout(ms(30), ask(&bus)).await.is_err(), "nobody answers");
        requests.recv().await;
    }
    bus.inboxes()
}

#[tokio::test(start_paused = true)]
async fn wrong_a_dropped_request_leaves_its_inbox_behind() {
    let ask = async |bus: &Bus| wrong::left_behind(bus, PRICES, "lamp", PATIENCE).await;
    assert_eq!(drop_a_thousand(ask).await, 1000);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_request_leaves_nothing_behind() {
    assert_eq!(drop_a_thousand(async |bus: &Bus| bus.request(PRICES, "lamp", PATIENCE).await).await, 0);
}
// ANCHOR_END: thousand

#[tokio::test(start_paused = true)]
async fn wrong_it_does_not_show_as_long_as_nobody_drops_a_request() {
    let bus = Bus::default();
    assert_eq!(wrong::left_behind(&bus, PRICES, "lamp", PATIENCE).await, Err(RequestError::NoResponders));
    let _silent = bus.subscribe(PRICES);
    assert_eq!(wrong::left_behind(&bus, PRICES, "lamp", PATIENCE).await, Err(RequestError::Timeout));
    assert_eq!(bus.inboxes(), 0);
}

/// Three customers leave, and then there are this many inboxes.
#[track_caller]
fn assert_pages(journal: &Journal, inboxes: usize) {
    assert_journal!(
        *journal,
        [
            (0, "page 1", "asks for the lamp"),
            (30, "page 1", "the customer leaves"),
            (40, "page 2", "asks for the lamp"),
            (70, "page 2", "the customer leaves"),
            (80, "page 3", "asks for the lamp"),
            (110, "page 3", "the customer leaves"),
            (120, "main", format!("nobody waits; inboxes on the bus: {inboxes}")),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_pages_that_customers_have_left_leave_their_inboxes() {
    let journal = Journal::new();
    let ask = async |bus: &Bus| wrong::left_behind(bus, PRICES, "lamp", PATIENCE).await;
    prices::customers_leave(prices::start(&journal), journal.clone(), ask).await;
    assert_pages(&journal, 3);
}

#[tokio::test(start_paused = true)]
async fn pages_that_customers_have_left_leave_nothing() {
    let journal = Journal::new();
    let ask = async |bus: &Bus| bus.request(PRICES, "lamp", PATIENCE).await;
    prices::customers_leave(prices::start(&journal), journal.clone(), ask).await;
    assert_pages(&journal, 0);
}

#[tokio::test(start_paused = true)]
async fn of_several_answers_the_first_counts_and_the_others_are_late() {
    let journal = Journal::new();
    let bus = offers::start(&offers::SUPPLIERS, &journal);
    offers::first(bus.clone(), journal.clone()).await;
    sleep(ms(130)).await;
    assert_journal!(
        journal,
        [
            (30, "north", "offers $43"),
            (30, "buyer", "takes the first offer: $43"),
            (70, "south", "offers $39, too late"),
            (150, "west", "offers $35, too late"),
        ]
    );
    assert_eq!(bus.late_replies(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_second_answer_is_late_even_if_the_first_has_not_been_taken_yet() {
    let bus = Bus::default();
    let mut requests = bus.subscribe("echo");
    let answering = async {
        let request = requests.recv().await;
        [bus.respond(&request, "first"), bus.respond(&request, "second")]
    };
    let (answer, taken) = tokio::join!(bus.request("echo", "", LONG), answering);
    assert_eq!((answer.unwrap().payload.as_str(), taken, bus.late_replies()), ("first", [true, false], 1));
}

#[tokio::test(start_paused = true)]
async fn one_deadline_holds_for_all_answers_together() {
    let journal = Journal::new();
    let bus = offers::start(&offers::SUPPLIERS, &journal);
    offers::lowest(bus.clone(), journal.clone()).await;
    sleep(ms(60)).await;
    assert_journal!(
        journal,
        [
            (30, "north", "offers $43"),
            (70, "south", "offers $39"),
            (100, "buyer", "takes the lowest of 2: $39"),
            (150, "west", "offers $35, too late"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn when_all_have_answered_it_does_not_wait_for_its_deadline() {
    let journal = Journal::new();
    offers::lowest(offers::start(&offers::SUPPLIERS[..2], &journal), journal.clone()).await;
    assert_journal!(
        journal,
        [
            (30, "north", "offers $43"),
            (70, "south", "offers $39"),
            (70, "buyer", "takes the lowest of 2: $39")
        ]
    );
    let nobody = Bus::default().request_all(offers::OFFERS, "lamp", LONG).await;
    assert_eq!(nobody, Err(RequestError::NoResponders));
}

#[tokio::test(start_paused = true)]
async fn a_message_that_asks_for_no_answer_gets_none() {
    let bus = Bus::default();
    assert!(!bus.respond(&Message::new(PRICES, "lamp"), "$40"));
    assert_eq!(bus.late_replies(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_not_awaited_publishes_nothing() {
    let bus = Bus::default();
    let mut requests = bus.subscribe(PRICES);
    drop(bus.request(PRICES, "lamp", LONG));
    assert!(timeout(ms(1), requests.recv()).await.is_err());
}

#[test]
fn the_printed_timelines_are_the_ones_in_the_book() {
    story().assert_artifacts(env!("CARGO_MANIFEST_DIR"));
}
