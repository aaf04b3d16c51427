//! Keyed queue groups at work: members and handlers that take their time, and finish each key in order.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use capstone_bus::{Bus, Delivery, HandlerError, Message, RetryPolicy};
use tokio::time::sleep;

use crate::support::{Clock, block, counts, fill, letter, message, ms, told};

/// Who works on what: no two on one key, and each key in its order.
#[derive(Default)]
struct Floor(Mutex<BTreeMap<usize, (usize, bool)>>);

impl Floor {
    fn begin(&self, key: usize, number: usize) {
        let mut keys = self.0.lock().expect("no panic");
        let (done, busy) = keys.entry(key).or_default();
        assert_eq!((*done, *busy), (number, false), "key {key}: in order, and one at a time");
        *busy = true;
    }

    fn end(&self, key: usize) {
        let mut keys = self.0.lock().expect("no panic");
        let (done, busy) = keys.get_mut(&key).expect("it has begun");
        (*done, *busy) = (*done + 1, false);
    }

    fn done(&self) -> Vec<usize> {
        self.0.lock().expect("no panic").values().map(|(done, _)| *done).collect()
    }
}

fn key_and_number(delivery: &Message) -> (usize, usize) {
    let text = std::str::from_utf8(&delivery.payload).expect("text");
    let (key, number) = text.split_once(' ').expect("two numbers");
    (key.parse().expect("a number"), number.parse().expect("a number"))
}

fn first_number(message: &Message) -> Option<usize> {
    Some(key_and_number(message).0)
}

#[tokio::test(start_paused = true)]
async fn four_members_finish_each_key_in_order_however_long_they_take() {
    const KEYS: usize = 6;
    const MESSAGES: usize = 50;
    for seed in 0..20 {
        let (bus, floor, clock) = (Bus::new(), Arc::new(Floor::default()), Clock::start());
        let members: Vec<_> = (0..4)
            .map(|member| {
                let options = bus.subscription("t").queue("g").capacity(8).keyed_by(first_number);
                let mut subscription = options.open().expect("valid options");
                let (floor, mut random) = (Arc::clone(&floor), fastrand::Rng::with_seed(seed * 4 + member));
                tokio::spawn(async move {
                    let mut worked_ms = 0;
                    while let Some(delivery) = subscription.recv().await {
                        let (key, number) = key_and_number(&delivery);
                        floor.begin(key, number);
                        let pause = random.u64(0..10);
                        sleep(ms(pause)).await;
                        floor.end(key);
                        worked_ms += u128::from(pause);
                    }
                    worked_ms
                })
            })
            .collect();
        for number in 0..MESSAGES {
            for key in 0..KEYS {
                let receipt = bus.publish(message("t", &format!("{key} {number}"))).await;
                assert_eq!(counts(receipt.expect("the bus is open")), (1, 1, 0));
            }
        }
        bus.close();
        let mut worked_ms = 0;
        for member in members {
            worked_ms += member.await.expect("no panic");
        }
        assert_eq!(floor.done(), [MESSAGES; KEYS], "seed {seed}");
        assert!(clock.ms() * 2 < worked_ms, "seed {seed}: {} ms for {worked_ms} ms of work", clock.ms());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn on_real_threads_no_wake_up_is_lost_while_members_come_and_go() {
    const KEYS: usize = 5;
    const MESSAGES: usize = 2_000;
    let (bus, floor) = (Bus::new(), Arc::new(Floor::default()));
    let open = {
        let bus = bus.clone();
        move || {
            let member = bus.subscription("t").queue("g").capacity(16).overflow(block(60_000));
            member.keyed_by(first_number).open()
        }
    };
    let stays = open().expect("valid options");
    let taken = Arc::new(AtomicUsize::new(0));
    let members: Vec<_> = (0..4)
        .map(|member| {
            let (open, floor, taken) = (open.clone(), Arc::clone(&floor), Arc::clone(&taken));
            tokio::spawn(async move {
                let mut random = fastrand::Rng::with_seed(member);
                // Each leaves again and again, until the bus is closed.
                while let Ok(mut subscription) = open() {
                    for _ in 0..random.usize(1..50) {
                        let Some(delivery) = subscription.recv().await else { break };
                        let (key, number) = key_and_number(&delivery);
                        floor.begin(key, number);
                        if random.bool() {
                            tokio::task::yield_now().await;
                        }
                        floor.end(key);
                        taken.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        })
        .collect();
    let publishers: Vec<_> = (0..KEYS)
        .map(|key| {
            let bus = bus.clone();
            tokio::spawn(async move {
                for number in 0..MESSAGES {
                    let receipt = bus.publish(message("t", &format!("{key} {number}"))).await;
                    assert_eq!(counts(receipt.expect("the bus is open")), (1, 1, 0));
                }
            })
        })
        .collect();
    for publisher in publishers {
        publisher.await.expect("no panic");
    }
    while taken.load(Ordering::Relaxed) < KEYS * MESSAGES {
        tokio::task::yield_now().await;
    }
    bus.close();
    for member in members {
        member.await.expect("no panic");
    }
    drop(stays);
    assert_eq!(floor.done(), [MESSAGES; KEYS]);
    let stats = bus.stats();
    assert_eq!((stats.delivered, stats.dropped, stats.abandoned), ((KEYS * MESSAGES) as u64, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn for_a_handler_the_key_is_busy_until_it_has_finished_with_all_attempts() {
    let (bus, clock) = (Bus::new(), Arc::new(Clock::start()));
    let story = Arc::new(Mutex::new(Vec::new()));
    let handler = {
        let (story, clock) = (Arc::clone(&story), Arc::clone(&clock));
        move |delivery: Delivery| {
            let (story, clock) = (Arc::clone(&story), Arc::clone(&clock));
            async move {
                let tell = |what| {
                    let line = format!("{} {what}", told(&delivery));
                    story.lock().expect("no panic").push(line);
                };
                tell("begins");
                sleep(ms(10)).await;
                if delivery.payload == "a1" && clock.ms() == 10 {
                    tell("fails");
                    return Err(HandlerError::retryable("not yet"));
                }
                tell("ends");
                Ok(())
            }
        }
    };
    let retry = RetryPolicy::attempts(2).base(ms(100));
    let task = bus.topic_handler("t").concurrency(3).keyed_by(letter).retry(retry).start(handler);
    let task = task.expect("valid options");
    fill(&bus, ["a1", "a2", "b1", "-1"]);
    bus.close();
    assert_eq!(task.finished().await.handled, 4);
    let expected = [
        "a1 begins",
        "b1 begins",
        "-1 begins",
        "a1 fails",
        "b1 ends",
        "-1 ends",
        "a1 begins",
        "a1 ends",
        "a2 begins",
        "a2 ends",
    ];
    assert_eq!(*story.lock().expect("no panic"), expected);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_is_dropped_frees_its_key() {
    let bus = Bus::new();
    let start = |pause_ms| {
        let options = bus.topic_handler("t").queue("g").keyed_by(letter);
        let handler = move |_| async move {
            sleep(ms(pause_ms)).await;
            Ok(())
        };
        options.start(handler).expect("valid options")
    };
    let hangs = start(1_000_000);
    fill(&bus, ["a1", "a2"]);
    sleep(ms(1)).await;
    let other = start(0);
    sleep(ms(1)).await;
    assert_eq!((hangs.stats().running, other.stats().handled), (1, 0));
    drop(hangs);
    sleep(ms(1)).await;
    assert_eq!(other.stats().handled, 1);
}
