//! Handlers: how often they run, how they fail, and how they end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use capstone_bus::{Bus, Delivery, HandlerError, HandlerTask, Message, RetryPolicy, SubscribeError};
use tokio::time::sleep;
use tokio_test::{assert_pending, task};

use crate::support::{Clock, block, counts, drop_at, fill, message, ms, topic};

/// What happened, in order, each with its millisecond.
#[derive(Clone)]
struct Story {
    clock: Arc<Clock>,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Story {
    fn start() -> Self {
        Self { clock: Arc::new(Clock::start()), lines: Arc::default() }
    }

    fn tell(&self, line: impl std::fmt::Display) {
        self.lines.lock().expect("no panic").push(format!("{} {line}", self.clock.ms()));
    }

    fn told(&self) -> Vec<String> {
        std::mem::take(&mut *self.lines.lock().expect("no panic"))
    }
}

/// Tells when it is dropped.
struct Tells(Story);

impl Drop for Tells {
    fn drop(&mut self) {
        self.0.tell("dropped");
    }
}

fn text(delivery: &Delivery) -> String {
    std::str::from_utf8(&delivery.payload).expect("text").to_owned()
}

/// Works for 100 ms on each message.
#[track_caller]
fn works(bus: &Bus, concurrency: usize, story: &Story) -> HandlerTask {
    let story = story.clone();
    let handler = move |delivery: Delivery| {
        let story = story.clone();
        async move {
            let name = text(&delivery);
            story.tell(format!("{name} begins"));
            sleep(ms(100)).await;
            story.tell(format!("{name} ends"));
            Ok(())
        }
    };
    bus.topic_handler("t").concurrency(concurrency).start(handler).expect("valid options")
}

#[tokio::test(start_paused = true)]
async fn messages_are_handled_one_after_another_or_so_many_at_a_time() {
    let (bus, story) = (Bus::new(), Story::start());
    let task = works(&bus, 1, &story);
    fill(&bus, ["a", "b"]);
    sleep(ms(1_000)).await;
    assert_eq!(story.told(), ["0 a begins", "100 a ends", "100 b begins", "200 b ends"]);
    task.unsubscribe().await;

    let task = works(&bus, 2, &story);
    fill(&bus, ["a", "b", "c"]);
    bus.close();
    let stats = task.finished().await;
    assert_eq!(
        story.told(),
        ["1000 a begins", "1000 b begins", "1100 a ends", "1100 c begins", "1100 b ends", "1200 c ends"]
    );
    assert_eq!((stats.handled, stats.failed, stats.running), (3, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn an_error_is_tried_again_and_a_permanent_one_is_not() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let (bus, story) = (Bus::new(), Story::start());
        let handler = {
            let story = story.clone();
            move |delivery: Delivery| {
                story.tell(text(&delivery));
                async move {
                    match &delivery.payload[..] {
                        b"permanent" => Err(HandlerError::permanent("no")),
                        b"fine" => Ok(()),
                        _ => Err("x".parse::<u32>().expect_err("no number").into()),
                    }
                }
            }
        };
        let retry = RetryPolicy::attempts(4).base(ms(100)).cap(ms(300)).seed(7);
        let task = bus.topic_handler("t").retry(retry).start(handler).expect("valid options");
        fill(&bus, ["fails", "permanent", "fine"]);
        sleep(ms(1_000)).await;
        let stats = task.stats();
        assert_eq!((stats.handled, stats.failed, stats.retried, stats.panicked), (1, 2, 3, 0));
        runs.push(story.told());
    }
    assert_eq!(runs[0], runs[1], "the seed decides");
    let (times, names): (Vec<u64>, Vec<&str>) = runs[0]
        .iter()
        .map(|line| line.split_once(' ').expect("a time"))
        .map(|(at, name)| (at.parse::<u64>().expect("milliseconds"), name))
        .unzip();
    // In place: what is behind waits, and the order stays.
    assert_eq!(names, ["fails", "fails", "fails", "fails", "permanent", "fine"]);
    let pauses: Vec<u64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // Rounded up by a millisecond, which is what Tokio's clock does.
    assert!(pauses.iter().zip([100, 200, 300, 0, 0]).all(|(pause, most)| *pause <= most + 1), "{pauses:?}");
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_failed_attempt_wherever_it_happens() {
    let bus = Bus::new();
    let calls = Arc::new(AtomicUsize::new(0));
    let handler = {
        let calls = Arc::clone(&calls);
        move |delivery: Delivery| {
            let call = calls.fetch_add(1, Ordering::Relaxed);
            assert!(call != 0, "before the future");
            async move {
                sleep(ms(1)).await;
                assert!(call != 1, "inside the future");
                assert!(&delivery.payload[..] != b"poison", "always");
                Ok(())
            }
        }
    };
    let task = bus.topic_handler("t").retry(RetryPolicy::attempts(3)).start(handler).expect("valid options");
    fill(&bus, ["twice", "poison", "fine"]);
    bus.close();
    let stats = task.finished().await;
    assert_eq!((stats.handled, stats.failed, stats.retried, stats.panicked), (2, 1, 4, 5));
    assert_eq!(calls.load(Ordering::Relaxed), 3 + 3 + 1);
}

#[tokio::test(start_paused = true)]
async fn unsubscribe_lets_finish_what_runs_and_nothing_else() {
    let (bus, story) = (Bus::new(), Story::start());
    let task = works(&bus, 1, &story);
    fill(&bus, ["a", "b"]);
    sleep(ms(50)).await;
    let mut unsubscribe = task::spawn(task.unsubscribe());
    assert_pending!(unsubscribe.poll());
    let receipt = bus.try_publish(message("t", "c")).expect("the bus is open");
    assert_eq!(counts(receipt), (0, 0, 0), "unsubscribed at once");
    unsubscribe.await;
    story.tell("unsubscribed");
    sleep(ms(1_000)).await;
    assert_eq!(story.told(), ["0 a begins", "100 a ends", "100 unsubscribed"]);
    assert_eq!((bus.stats().abandoned, bus.stats().active), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn unsubscribe_ends_the_pause_between_two_attempts() {
    let (bus, clock) = (Bus::new(), Clock::start());
    let retry = RetryPolicy::attempts(9).base(ms(1_000_000)).cap(ms(1_000_000)).seed(1);
    let calls = Arc::new(AtomicUsize::new(0));
    let handler = {
        let calls = Arc::clone(&calls);
        move |_| {
            calls.fetch_add(1, Ordering::Relaxed);
            async { Err(HandlerError::retryable("not now")) }
        }
    };
    let task = bus.topic_handler("t").retry(retry).start(handler).expect("valid options");
    fill(&bus, ["a"]);
    sleep(ms(10)).await;
    assert_eq!(task.stats().running, 1);
    task.unsubscribe().await;
    assert_eq!((clock.ms(), calls.load(Ordering::Relaxed)), (10, 1));
}

#[tokio::test(start_paused = true)]
async fn a_drop_cuts_off_what_runs_where_it_awaits() {
    let (bus, story) = (Bus::new(), Story::start());
    let handler = {
        let story = story.clone();
        move |_| {
            let dropped = Tells(story.clone());
            async move {
                sleep(ms(100)).await;
                dropped.0.tell("not reached");
                Ok(())
            }
        }
    };
    let task = bus.handle("t", handler).expect("a pattern");
    fill(&bus, ["a", "b"]);
    sleep(ms(50)).await;
    drop(task);
    assert_eq!((bus.stats().active, bus.stats().abandoned), (0, 1), "when the drop returns");
    assert_eq!(story.told(), [""; 0]);
    sleep(ms(1_000)).await;
    assert_eq!(story.told(), ["50 dropped"]);
}

#[tokio::test(start_paused = true)]
async fn a_member_that_is_dropped_leaves_its_queue_to_the_others() {
    let (bus, story) = (Bus::new(), Story::start());
    let join = |name: &'static str| {
        let story = story.clone();
        let handler = move |delivery: Delivery| {
            story.tell(format!("{name} {}", text(&delivery)));
            async {
                sleep(ms(100)).await;
                Ok(())
            }
        };
        bus.topic_handler("t").queue("g").start(handler).expect("valid options")
    };
    let (first, second) = (join("first"), join("second"));
    fill(&bus, ["a", "b", "c", "d"]);
    sleep(ms(50)).await;
    drop(first);
    sleep(ms(1_000)).await;
    assert_eq!(story.told(), ["0 first a", "0 second b", "100 second c", "200 second d"]);
    assert_eq!(second.stats().handled, 3);
}

#[tokio::test(start_paused = true)]
async fn an_idle_member_that_unsubscribes_takes_nothing_more() {
    let (bus, clock) = (Bus::new(), Clock::start());
    let join = || bus.topic_handler("t").queue("g").start(async |_| Ok(())).expect("valid options");
    let (leaves, stays) = (join(), join());
    sleep(ms(10)).await;
    assert_eq!(leaves.unsubscribe().await.handled, 0);
    fill(&bus, ["a", "b"]);
    bus.close();
    assert_eq!((stays.finished().await.handled, clock.ms()), (2, 10));
}

#[tokio::test(start_paused = true)]
async fn a_detached_handler_lives_until_the_bus_ends_and_does_not_keep_it() {
    let (bus, story) = (Bus::new(), Story::start());
    works(&bus, 1, &story).detach();
    fill(&bus, ["a", "b"]);
    drop(bus);
    sleep(ms(1_000)).await;
    assert_eq!(story.told(), ["0 a begins", "100 a ends", "100 b begins", "200 b ends"]);
    assert_eq!(Arc::strong_count(&story.lines), 1, "the handler itself is gone");
}

#[tokio::test(start_paused = true)]
async fn unsubscribe_and_finished_dropped_at_each_of_their_polls_cut_off_what_runs() {
    for finished in [true, false] {
        for polls in 0.. {
            let (bus, story) = (Bus::new(), Story::start());
            let task = works(&bus, 2, &story);
            fill(&bus, ["a"]);
            sleep(ms(50)).await;
            bus.close();
            let ended = if finished {
                drop_at(polls, task.finished()).await.is_some()
            } else {
                drop_at(polls, task.unsubscribe()).await.is_some()
            };
            sleep(ms(1_000)).await;
            // The idle worker ends at 50 ms, the other one at 100 ms; the drop comes behind its last poll.
            let done = story.told().contains(&"100 a ends".to_owned());
            assert_eq!(done, ended || polls == 2, "dropped at poll {polls}");
            assert_eq!(bus.stats().active, 0);
            if ended {
                break;
            }
        }
    }
}

#[tokio::test]
async fn a_handler_can_respond() {
    let bus = Bus::new();
    let task = bus.handle("double.*", async |question| {
        let number: u32 = std::str::from_utf8(&question.payload)?.parse()?;
        let _ = question.respond((2 * number).to_string()).await?;
        Ok(())
    });
    let _task = task.expect("a pattern");
    let reply = bus.request("double.it", "21").await.expect("a reply");
    assert_eq!(reply.payload, "42");
    // It fails without a reply, and lets go of the request.
    let error = bus.request("double.it", "x").await.expect_err("no number");
    assert_eq!(error.to_string(), "request to double.it: every receiver dropped it without a reply");
}

#[tokio::test]
async fn wrong_options_are_errors() {
    let bus = Bus::new();
    let start = |concurrency| bus.topic_handler("a").concurrency(concurrency).start(async |_| Ok(()));
    let error = start(0).expect_err("nothing at a time");
    assert_eq!(error.to_string(), "handler of a: the concurrency is 0, at least 1 is needed");
    let error = bus.handle("a..b", async |_| Ok(())).expect_err("no pattern");
    assert_eq!(error.to_string(), r#"pattern "a..b": token 2 is empty"#);
    assert_eq!(bus.stats().active, 0);
    bus.close();
    assert_eq!(start(1).expect_err("closed"), SubscribeError::Closed);
}

#[test]
fn errors_say_what_is_behind_them() {
    let io = std::io::Error::other("x".parse::<u32>().expect_err("no number"));
    let error = HandlerError::from(io);
    assert_eq!((error.to_string().as_str(), error.is_permanent()), ("invalid digit found in string", false));
    assert_eq!(HandlerError::retryable("busy").into_source().to_string(), "busy");
}

/// Real threads: every message is handled once, while handlers come, fail, panic and go.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn handlers_that_come_and_go_account_for_every_message() {
    const MESSAGES: usize = 4_000;
    let bus = Bus::builder().capacity(16).overflow(block(60_000)).build();
    let start = || {
        let handler = async |delivery: Delivery| {
            tokio::task::yield_now().await;
            match delivery.payload[0] % 7 {
                0 => panic!("expected"),
                1 => Err(HandlerError::retryable("expected")),
                _ => Ok(()),
            }
        };
        let retry = RetryPolicy::attempts(2).base(Duration::ZERO);
        bus.topic_handler("t").queue("g").concurrency(3).retry(retry).start(handler).expect("valid options")
    };
    let stays = start();
    let publisher = tokio::spawn({
        let bus = bus.clone();
        async move {
            for number in 0..MESSAGES {
                let sent = Message::new(topic("t"), vec![(number % 251) as u8]);
                let receipt = bus.publish(sent).await.expect("the bus is open");
                assert_eq!(counts(receipt), (1, 1, 0));
            }
        }
    });
    let mut settled = 0;
    while !publisher.is_finished() {
        let goes = start();
        tokio::task::yield_now().await;
        let stats = goes.unsubscribe().await;
        assert_eq!((stats.cut_off, stats.running), (0, 0));
        settled += stats.handled + stats.failed;
    }
    publisher.await.expect("no panic");
    bus.close();
    let stats = stays.finished().await;
    assert_eq!((stats.cut_off, stats.running), (0, 0));
    let total = bus.stats();
    assert_eq!((total.delivered, total.dropped, total.abandoned), (MESSAGES as u64, 0, 0));
    assert_eq!(settled + stats.handled + stats.failed, MESSAGES as u64);
}
