//! Shutdown: what still arrives, what is cut off, and that it ends whatever the others do.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};

use capstone_bus::events::{Event, Refused};
use capstone_bus::{Bus, Delivery, HandlerError, PublishError, RetryPolicy, ShutdownReport};
use futures::StreamExt;
use tokio::time::sleep;
use tokio_test::{assert_pending, assert_ready, assert_ready_ok, task};

use crate::support::{Clock, block, drain, drop_at, fill, flood, message, ms, open};

/// One line per mailbox.
fn told(report: &ShutdownReport) -> Vec<String> {
    let line = report.subscriptions.iter().map(|s| {
        let name = s.name.as_deref().or(s.group.as_deref()).unwrap_or(s.pattern.as_str());
        format!("{name} delivered {} left {} cut off {}", s.delivered, s.left_over, s.cut_off)
    });
    line.collect()
}

/// Takes 100 ms; what says so fails.
async fn works(delivery: Delivery) -> Result<(), HandlerError> {
    sleep(ms(100)).await;
    if &delivery.payload[..] == b"fails" { Err(HandlerError::permanent("as it says")) } else { Ok(()) }
}

#[tokio::test(start_paused = true)]
async fn everything_that_is_queued_arrives_before_the_deadline() {
    let (bus, clock) = (Bus::new(), Clock::start());
    let mut reads_slowly = bus.subscription("t").name("reads slowly").open().expect("valid options");
    let idle = bus.subscription("other").name("idle").open().expect("valid options");
    bus.topic_handler("t").name("works").dead_letter().start(works).expect("valid options").detach();
    for _ in 0..2 {
        bus.topic_handler("t").queue("members").start(works).expect("valid options").detach();
    }
    let mut dead = bus.subscription("$DLQ.>").name("dead").open().expect("valid options");
    reads_slowly.try_recv().expect_err("nothing yet");
    fill(&bus, ["a", "fails", "c"]);
    assert_eq!(reads_slowly.try_recv().expect("a message").payload, "a");

    tokio::spawn(async move {
        while reads_slowly.recv().await.is_some() {
            sleep(ms(300)).await;
        }
    });
    let mortuary = tokio::spawn(async move {
        let letters: Vec<_> = dead.by_ref().map(|letter| letter.topic.to_string()).collect().await;
        (letters, dead.dropped())
    });
    let report = bus.shutdown(ms(10_000)).await;
    // Three times 100 ms by the one handler; the slow reader takes its last message at the same moment.
    assert_eq!(clock.ms(), 300);
    assert_eq!(
        told(&report),
        [
            "reads slowly delivered 2 left 0 cut off 0",
            "idle delivered 0 left 0 cut off 0",
            "works delivered 3 left 0 cut off 0",
            "members delivered 3 left 0 cut off 0",
            "dead delivered 1 left 0 cut off 0",
        ]
    );
    assert!(report.is_clean());
    assert_eq!((report.delivered(), report.left_over(), report.cut_off()), (9, 0, 0));
    assert_eq!(mortuary.await.expect("no panic"), (vec!["$DLQ.t".to_owned()], 0));
    drop(idle);
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_handlers_are_cut_off_and_the_rest_is_reported() {
    let (bus, clock) = (Bus::new(), Clock::start());
    let mut dead = bus.subscribe("$DLQ.>").expect("a pattern");
    let mut held = bus.subscription("t").name("held").open().expect("valid options");
    let _full = bus.subscription("$DLQ.>").name("full").capacity(1).overflow(block(60_000)).open();
    let task = bus.topic_handler("t").concurrency(2).dead_letter().start(works).expect("valid options");
    fill(&bus, ["a", "b", "c", "d", "e", "f", "g"]);
    let report = bus.shutdown(ms(250)).await;
    assert_eq!(clock.ms(), 250, "who is cut off lets go at once, and waits for no place either");
    assert_eq!(
        told(&report),
        [
            "$DLQ.> delivered 0 left 2 cut off 0",
            "held delivered 0 left 7 cut off 0",
            "full delivered 0 left 1 cut off 0",
            "t delivered 6 left 1 cut off 2"
        ]
    );
    assert!(!report.is_clean());
    let stats = task.stats();
    assert_eq!((stats.handled, stats.cut_off, stats.running, stats.dead_letters), (4, 2, 0, 2));
    // What is left in a subscription that somebody holds can still be had.
    assert_eq!(drain(&mut held).len(), 7);
    // Two workers are told at the same moment, in no order.
    let mut dead = drain(&mut dead);
    dead.sort();
    assert_eq!(dead, ["e", "f"]);
    assert_eq!(told(&bus.shutdown(ms(250)).await)[1], "held delivered 0 left 0 cut off 0");
}

#[tokio::test(start_paused = true)]
async fn it_refuses_what_is_new_and_lets_who_waits_in() {
    let (bus, clock) = (Bus::new(), Clock::start());
    let mut service = open(&bus, 1, block(1_000));
    let mut request = task::spawn(bus.request("t", "asks").into_future());
    assert_pending!(request.poll());
    let mut publish = task::spawn(bus.publish(message("t", "waits")));
    assert_pending!(publish.poll());

    let mut shutdown = task::spawn(bus.shutdown(ms(5_000)));
    assert_pending!(shutdown.poll());
    let refused = bus.publish(message("t", "new")).await.expect_err("closed");
    assert!(matches!(refused, PublishError::Closed(_)));
    bus.subscribe("t").expect_err("closed");

    let question = service.recv().await.expect("the request");
    let _ = question.respond("answer").await.expect("it is awaited");
    assert_eq!(assert_ready_ok!(request.poll()).payload, "answer");
    assert_eq!(assert_ready_ok!(publish.poll()).enqueued, 1);
    assert!(!shutdown.is_woken());
    assert_eq!(service.recv().await.expect("the publish that waited").payload, "waits");
    assert!(shutdown.is_woken());
    let report = assert_ready!(shutdown.poll());
    assert_eq!((told(&report), clock.ms()), (vec!["> delivered 2 left 0 cut off 0".to_owned()], 0));
}

#[tokio::test(start_paused = true)]
async fn who_takes_without_waiting_is_noticed_too() {
    let bus = Bus::new();
    let mut subscription = bus.subscribe("t").expect("a pattern");
    fill(&bus, ["a"]);
    let mut shutdown = task::spawn(bus.shutdown(ms(5_000)));
    assert_pending!(shutdown.poll());
    subscription.try_recv().expect("a message");
    assert!(shutdown.is_woken());
    assert!(assert_ready!(shutdown.poll()).is_clean());
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_is_dropped_meanwhile_leaves_its_queue_over() {
    let bus = Bus::new();
    let subscription = bus.subscribe("t").expect("a pattern");
    fill(&bus, ["a", "b"]);
    let mut shutdown = task::spawn(bus.shutdown(ms(5_000)));
    assert_pending!(shutdown.poll());
    drop(subscription);
    assert!(shutdown.is_woken());
    assert_eq!(told(&assert_ready!(shutdown.poll())), ["t delivered 0 left 2 cut off 0"]);
}

#[tokio::test(start_paused = true)]
async fn a_bus_with_nothing_to_do_is_done_at_once() {
    let (bus, clock) = (Bus::new(), Clock::start());
    let _idle = bus.subscribe("t").expect("a pattern");
    let task = bus.topic_handler("t").dead_letter().start(works).expect("valid options");
    bus.close();
    for _ in 0..2 {
        assert!(bus.shutdown(ms(1_000)).await.is_clean());
    }
    assert_eq!(clock.ms(), 0);
    assert_eq!(task.finished().await.handled, 0);
    assert_eq!(Bus::new().shutdown(ms(0)).await, ShutdownReport::default());
}

#[tokio::test(start_paused = true)]
async fn pauses_between_attempts_are_waited_for_until_the_deadline() {
    let (bus, clock) = (Bus::new(), Clock::start());
    let mut dead = bus.subscribe("$DLQ.>").expect("a pattern");
    let retry = RetryPolicy::attempts(5).base(ms(1_000_000)).cap(ms(1_000_000)).seed(1);
    let fails = async |_| Err(HandlerError::retryable("busy"));
    bus.topic_handler("t").retry(retry).dead_letter().start(fails).expect("valid options").detach();
    fill(&bus, ["a"]);
    let report = bus.shutdown(ms(2_000)).await;
    assert_eq!((clock.ms(), report.cut_off()), (2_000, 1));
    assert_eq!(dead.recv().await.expect("a dead letter").headers().get("dlq-kind"), Some("retryable"));
}

#[tokio::test(start_paused = true)]
async fn shutdown_dropped_at_each_of_its_polls_cuts_nothing_off() {
    for polls in 0.. {
        let bus = Bus::new();
        let task = bus.handle("t", works).expect("a pattern");
        let mut held = bus.subscribe("t").expect("a pattern");
        fill(&bus, ["a", "b"]);
        let reader = tokio::spawn(async move {
            sleep(ms(50)).await;
            drain(&mut held)
        });
        let report = drop_at(polls, bus.shutdown(ms(5_000))).await;
        assert_eq!(bus.is_closed(), polls > 0, "the first poll closes");
        bus.close();
        assert_eq!(reader.await.expect("no panic"), ["a", "b"]);
        let stats = task.finished().await;
        assert_eq!((stats.handled, stats.cut_off), (2, 0), "dropped at poll {polls}");
        if let Some(report) = report {
            assert!(report.is_clean());
            assert!(polls > 2, "it waits for the reader and for the handler");
            break;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_shuts_down_waits_for_itself_until_the_deadline() {
    let (bus, clock) = (Bus::new(), Clock::start());
    let inner = bus.clone();
    let task = bus.handle("t", move |_| {
        let bus = inner.clone();
        async move {
            bus.shutdown(ms(500)).await;
            Ok(())
        }
    });
    fill(&bus, ["a", "b"]);
    let stats = task.expect("a pattern").finished().await;
    assert_eq!((stats.handled + stats.cut_off, clock.ms() <= 600), (1, true));
}

/// A handler that blocks its thread cannot be cut off; the shutdown goes on without it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_never_awaits_does_not_keep_the_shutdown() {
    let bus = Bus::new();
    let (release, blocked) = mpsc::channel::<()>();
    let blocked = std::sync::Mutex::new(blocked);
    let task = bus.handle("t", move |_| {
        let ended = blocked.lock().expect("no panic").recv().is_err();
        async move { if ended { Ok(()) } else { Err(HandlerError::permanent("unexpected")) } }
    });
    let task = task.expect("a pattern");
    fill(&bus, ["a"]);
    while task.stats().running == 0 {
        tokio::task::yield_now().await;
    }
    let report = bus.shutdown(ms(10)).await;
    assert_eq!((report.cut_off(), report.left_over()), (1, 0));
    drop(release);
    task.finished().await;
}

/// Real threads: publishers that do not stop, handlers, a group and a reader; whatever the moment, it ends, and every
/// copy is accounted for.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn shutdown_during_a_flood_ends_and_accounts_for_everything() {
    for round in 0..40 {
        let bus = Bus::builder().capacity(8).overflow(block(10_000)).build();
        let publishers = flood(&bus);
        let reader = tokio::spawn(bus.subscribe("t").expect("a pattern").count());
        let handlers: Vec<_> = ["g", "g", "h"]
            .map(|group| {
                let handler = async |_| {
                    tokio::task::yield_now().await;
                    Ok(())
                };
                bus.topic_handler("t").queue(group).concurrency(2).start(handler).expect("valid options")
            })
            .into();
        for _ in 0..round {
            tokio::task::yield_now().await;
        }
        let report = bus.shutdown(ms(30_000)).await;
        assert!(report.is_clean(), "round {round}: {report:?}");

        let mut enqueued = 0;
        for publisher in publishers {
            let (by_this_one, _refused) = publisher.await.expect("no panic");
            enqueued += by_this_one as u64;
        }
        let mut handled = reader.await.expect("no panic") as u64;
        for handler in handlers {
            let stats = handler.finished().await;
            assert_eq!((stats.failed, stats.cut_off, stats.running), (0, 0, 0));
            handled += stats.handled;
        }
        assert_eq!(handled, enqueued, "round {round}");
    }
}

/// A typed event.
struct Placed;

impl Event for Placed {
    const TOPIC: &'static str = "placed";
}

/// Handles typed events for 100 ms each, and counts those that it has finished.
fn takes_its_time(bus: &Bus) -> Arc<AtomicU64> {
    let finished = Arc::new(AtomicU64::new(0));
    bus.on::<Placed>({
        let finished = Arc::clone(&finished);
        move |_| {
            let finished = Arc::clone(&finished);
            async move {
                sleep(ms(100)).await;
                finished.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    finished
}

/// Finished, left over, actors left, emissions left.
fn of_events(report: &ShutdownReport) -> (u64, usize, usize, usize) {
    let events = &report.events;
    (events.finished, events.left_over, events.actors_left, events.emissions_left)
}

#[tokio::test(start_paused = true)]
async fn typed_handlers_finish_too_forgotten_or_awaited() {
    let (bus, clock) = (Bus::new(), Clock::start());
    let finished = takes_its_time(&bus);
    for _ in 0..10 {
        bus.emit_and_forget(Placed).expect("room");
    }
    let mut awaited = task::spawn(bus.emit(Placed));
    assert_pending!(awaited.poll());
    let shutdown = bus.shutdown(ms(10_000));
    let (report, emitted) = tokio::join!(shutdown, awaited);
    assert_eq!((clock.ms(), finished.load(Ordering::Relaxed)), (100, 11));
    assert!(report.is_clean() && emitted.is_ok());
    assert_eq!(of_events(&report), (10, 0, 0, 0));
    assert_eq!(bus.emit(Placed).await.refused, Some(Refused::Closed));
    assert!(bus.events().stats().handlers.is_empty(), "forgotten, with whatever they hold");
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_typed_handlers_are_dropped_but_for_those_that_somebody_awaits() {
    let (bus, clock) = (Bus::new(), Clock::start());
    let finished = takes_its_time(&bus);
    bus.emit_and_forget(Placed).expect("room");
    let mut awaited = task::spawn(bus.emit(Placed));
    assert_pending!(awaited.poll());
    let report = bus.shutdown(ms(60)).await;
    assert_eq!((clock.ms(), of_events(&report)), (60, (0, 1, 0, 1)));
    assert!(!report.is_clean());
    assert_eq!((report.left_over(), report.cut_off()), (0, 0), "these are of messages");
    assert!(awaited.await.is_ok());
    assert_eq!(finished.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn the_streams_of_dead_letters_end_after_the_typed_handlers() {
    let (bus, clock) = (Bus::new(), Clock::start());
    let mut dead = bus.subscribe("$DLQ.>").expect("a pattern");
    takes_its_time(&bus);
    bus.emit_and_forget(Placed).expect("room");
    let mut shutdown = task::spawn(bus.shutdown(ms(1_000)));
    assert_pending!(shutdown.poll());
    let mut end = task::spawn(dead.recv());
    assert_pending!(end.poll(), "they may still have dead letters");
    assert!(shutdown.await.is_clean());
    assert!(assert_ready!(end.poll()).is_none());
    assert_eq!(clock.ms(), 100);
}

#[cfg(feature = "bridge")]
#[tokio::test(start_paused = true)]
async fn what_a_feed_has_in_its_mailbox_is_emitted_and_its_dead_letters_arrive() {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Number(u64);
    impl Event for Number {
        const TOPIC: &'static str = "numbers";
    }
    let (bus, clock) = (Bus::new(), Clock::start());
    let mut dead = bus.subscribe("$DLQ.>").expect("a pattern");
    let letters = tokio::spawn(async move {
        let mut letters = Vec::new();
        while let Some(letter) = dead.recv().await {
            letters.push(String::from_utf8_lossy(&letter.payload).into_owned());
        }
        letters
    });
    bus.handler::<Number>().dead_letters_to(&bus).on_fallible(async |number| {
        sleep(ms(100)).await;
        if number.0 % 2 == 0 { Err("even".into()) } else { Ok(()) }
    });
    let feed = bus.feed::<Number>(bus.subscribe("numbers").expect("a pattern"));
    for number in 1..=4 {
        let _ = bus.publish_event(&Number(number)).await.expect("open");
    }
    let report = bus.shutdown(ms(10_000)).await;
    assert_eq!((report.is_clean(), report.left_over(), clock.ms()), (true, 0, 400), "{report:?}");
    assert_eq!((feed.report().emitted, feed.report().failed), (4, 2));
    assert_eq!(letters.await.expect("no panic"), ["2", "4"]);
}
