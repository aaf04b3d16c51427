//! Dead letters: what is in them, where they go, and that none is lost without being counted.

use std::time::{Duration, SystemTime};

use capstone_bus::{Bus, Delivery, HandlerError, Message, RetryPolicy, Topic, TopicHandlerBuilder};
use tokio::time::{Instant, sleep};

use crate::support::{block, drain, fill, message, ms, topic};

/// A bus on which it is 1,000,000 ms since 1970 when the test starts.
fn bus() -> Bus {
    let start = Instant::now();
    let now = move || SystemTime::UNIX_EPOCH + Duration::from_secs(1_000) + start.elapsed();
    Bus::builder().clock(now).build()
}

/// `name: value`, in order.
fn headers(letter: &Delivery) -> Vec<String> {
    letter.headers().iter().map(|(name, value)| format!("{name}: {value}")).collect()
}

/// Fails after 100 ms, in the way that the payload says.
async fn fails(delivery: Delivery) -> Result<(), HandlerError> {
    sleep(ms(100)).await;
    match &delivery.payload[..] {
        b"fine" => Ok(()),
        b"panic" => panic!("on purpose"),
        b"panic with more" => panic!("number {}", delivery.payload.len()),
        b"permanent" => Err(HandlerError::permanent("two\r\nlines")),
        b"long" => Err(HandlerError::permanent("ü".repeat(5_000))),
        _ => Err("x".parse::<u32>().expect_err("no number").into()),
    }
}

/// Three attempts, with a pause of a second at most.
fn thrice(handler: TopicHandlerBuilder) -> TopicHandlerBuilder {
    handler.retry(RetryPolicy::attempts(3).base(ms(1_000)).cap(ms(1_000)).seed(3)).dead_letter()
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_says_from_where_why_how_often_and_when() {
    let bus = bus();
    let mut dead = bus.subscribe("$DLQ.>").expect("a pattern");
    let mut everything = bus.subscribe(">").expect("a pattern");
    let handler = thrice(bus.topic_handler("orders.*").name("invoices\nof the shop").queue("billing"));
    let _task = handler.start(fails).expect("valid options");
    let sent = message("orders.created", "error").with_header("id", "7").expect("a header");
    let _ = bus.publish(sent.with_header("dlq-attempts", "99").expect("a header")).await.expect("open");

    let letter = dead.recv().await.expect("a dead letter");
    assert_eq!((letter.topic.as_str(), &letter.payload[..]), ("$DLQ.orders.created", &b"error"[..]));
    let told = headers(&letter);
    assert_eq!(
        told[..8],
        [
            "id: 7",
            "dlq-topic: orders.created",
            "dlq-pattern: orders.*",
            "dlq-subscription: invoices of the shop",
            "dlq-group: billing",
            "dlq-kind: retryable",
            "dlq-reason: invalid digit found in string",
            "dlq-attempts: 3",
        ]
    );
    assert_eq!(told[8], "dlq-first-at-ms: 1000100");
    let last_at: u64 = letter.headers().get("dlq-last-at-ms").expect("a time").parse().expect("a number");
    // Three times 100 ms, two pauses of at most a second, each rounded up to a millisecond.
    assert!((1_000_300..=1_002_302).contains(&last_at), "{last_at}");
    assert_eq!(told.len(), 10);
    assert_eq!(drain(&mut everything), ["error"], "dead letters are not for everybody");
    assert_eq!((bus.stats().dead_letters, bus.stats().dead_letters_lost), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn each_way_of_failing_has_its_kind_and_reason() {
    let bus = bus();
    let mut dead = bus.subscribe("$DLQ.t").expect("a pattern");
    let task = bus.topic_handler("t").dead_letter().start(fails).expect("valid options");
    fill(&bus, ["fine", "panic", "panic with more", "permanent", "long"]);
    let mut told = Vec::new();
    for _ in 0..4 {
        let letter = dead.recv().await.expect("a dead letter");
        let header = |name| letter.headers().get(name).expect("a header").to_owned();
        told.push((header("dlq-kind"), header("dlq-reason"), header("dlq-attempts")));
        assert_eq!(letter.headers().get("dlq-subscription"), None, "it has no name");
    }
    let expected = [
        ("panic", "panicked: on purpose"),
        ("panic", "panicked: number 15"),
        ("permanent", "two  lines"),
        ("permanent", &"ü".repeat(1_024)),
    ];
    assert_eq!(told, expected.map(|(kind, reason)| (kind.to_owned(), reason.to_owned(), "1".to_owned())));
    let stats = task.stats();
    assert_eq!((stats.handled, stats.failed, stats.dead_letters), (1, 4, 4));
}

#[tokio::test(start_paused = true)]
async fn an_error_that_cannot_be_shown_is_a_dead_letter_too() {
    #[derive(Debug)]
    struct Shy;
    impl std::fmt::Display for Shy {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("on purpose")
        }
    }
    impl std::error::Error for Shy {}

    let bus = bus();
    let mut dead = bus.subscribe("$DLQ.t").expect("a pattern");
    let task = bus.topic_handler("t").dead_letter().start(async |_| Err(Shy.into())).expect("valid options");
    fill(&bus, ["a", "b"]);
    for payload in ["a", "b"] {
        let letter = dead.recv().await.expect("a dead letter");
        assert_eq!(letter.payload, payload);
        let reason = letter.headers().get("dlq-reason");
        assert_eq!(reason, Some("the error panicked when it was to be shown"));
    }
    assert_eq!(task.unsubscribe().await.failed, 2);
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_is_never_dead_lettered_again() {
    let bus = bus();
    let mut dead = bus.subscribe("$DLQ.>").expect("a pattern");
    let orders = bus.topic_handler("t").dead_letter().start(fails).expect("valid options");
    let undertaker = bus.topic_handler("$DLQ.>").dead_letter().start(fails).expect("valid options");
    fill(&bus, ["a"]);
    bus.close();
    assert_eq!(orders.finished().await.dead_letters, 1);
    let stats = undertaker.finished().await;
    assert_eq!((stats.failed, stats.dead_letters, stats.dead_letters_lost), (1, 0, 0));
    assert_eq!(drain(&mut dead), ["a"]);
    assert_eq!(Topic::new("$DLQ").expect("a topic").dead_letter(), None);
}

#[test]
fn every_topic_within_the_limit_has_a_place_for_its_dead_letters() {
    let most_tokens = vec!["a"; 2_048].join(".");
    for name in ["a".repeat(4_096), most_tokens, format!("$SYS.{}", "a".repeat(4_096)), "$DLQS".to_owned()] {
        let dead = topic(&name).dead_letter().expect("it is no dead letter");
        assert_eq!(dead.as_str(), format!("$DLQ.{name}"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_longest_topic_dies_like_any_other() {
    let bus = bus();
    let mut dead = bus.subscribe("$DLQ.>").expect("a pattern");
    let _task = bus.topic_handler(">").dead_letter().start(fails).expect("valid options");
    let name = "a".repeat(4_096);
    let _ = bus.publish(message(&name, "error")).await.expect("the bus is open");
    assert_eq!(dead.recv().await.expect("a dead letter").topic.as_str(), format!("$DLQ.{name}"));
}

#[tokio::test(start_paused = true)]
async fn what_nobody_takes_is_counted_as_lost() {
    let bus = bus();
    let task = bus.topic_handler("t").dead_letter().start(fails).expect("valid options");
    fill(&bus, ["nobody subscribes"]);
    sleep(ms(150)).await;
    let full = bus.subscription("$DLQ.t").capacity(1).overflow(block(500)).open().expect("valid options");
    fill(&bus, ["has a place", "waits in vain"]);
    sleep(ms(750)).await;
    let stats = task.stats();
    assert_eq!((stats.failed, stats.dead_letters, stats.dead_letters_lost), (3, 1, 2));
    assert_eq!((bus.stats().dead_letters, bus.stats().dead_letters_lost), (1, 2));
    drop(full);
}

#[tokio::test(start_paused = true)]
async fn a_dead_letter_has_no_reply_topic_and_ends_the_request() {
    let bus = bus();
    let mut dead = bus.subscribe("$DLQ.>").expect("a pattern");
    let _task = bus.topic_handler("q").dead_letter().start(fails).expect("valid options");
    let error = bus.request("q", "error").await.expect_err("it fails");
    assert_eq!(error.to_string(), "request to q: every receiver dropped it without a reply");
    assert_eq!(dead.recv().await.expect("a dead letter").reply(), None);
}

#[tokio::test(start_paused = true)]
async fn after_a_close_dead_letters_still_arrive_and_their_stream_ends_last() {
    let bus = bus();
    let mut dead = bus.subscribe("$DLQ.>").expect("a pattern");
    let task = thrice(bus.topic_handler("t")).start(fails).expect("valid options");
    fill(&bus, ["a", "b"]);
    bus.close();
    bus.subscribe("$DLQ.>").expect_err("closed");
    assert_eq!(dead.recv().await.expect("a dead letter").payload, "a");
    assert_eq!(dead.recv().await.expect("a dead letter").payload, "b");
    assert!(dead.recv().await.is_none());
    assert_eq!(task.finished().await.dead_letters, 2);
}

#[tokio::test(start_paused = true)]
async fn what_is_cut_off_or_given_up_becomes_a_dead_letter() {
    let bus = bus();
    let mut dead = bus.subscribe("$DLQ.>").expect("a pattern");
    // Cut off in its first attempt; then in the pause behind it, which unsubscribing ends.
    let first = thrice(bus.topic_handler("t")).start(fails).expect("valid options");
    fill(&bus, ["a"]);
    sleep(ms(50)).await;
    drop(first);
    let letter = dead.recv().await.expect("a dead letter");
    let header = |letter: &Message, name| letter.headers().get(name).expect("a header").to_owned();
    assert_eq!(header(&letter, "dlq-kind"), "cut-off");
    assert_eq!(header(&letter, "dlq-reason"), "the handler was stopped while it ran");
    assert_eq!(header(&letter, "dlq-attempts"), "1");
    assert_eq!(header(&letter, "dlq-first-at-ms"), "1000050");

    let second = thrice(bus.topic_handler("t")).start(fails).expect("valid options");
    fill(&bus, ["b"]);
    sleep(ms(101)).await;
    assert_eq!(second.stats().running, 1);
    second.unsubscribe().await;
    let letter = dead.recv().await.expect("a dead letter");
    assert_eq!(header(&letter, "dlq-kind"), "retryable");
    assert_eq!(header(&letter, "dlq-attempts"), "1");
}
