//! Handlers that publish to themselves, alone or in a circle: none of it hangs.

use std::sync::{Arc, Mutex};

use capstone_bus::{Bus, Delivery, HandlerTask, PublishError, Receipt};
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::support::{Clock, block, counts, fill, message, ms};

type Results = Arc<Mutex<Vec<Result<Receipt, PublishError>>>>;

/// A handler of `t` that publishes to `t` again, and keeps what came of it.
#[track_caller]
fn echoes(bus: &Bus, concurrency: usize, spawned: bool) -> (HandlerTask, Results) {
    let results = Arc::new(Mutex::new(Vec::new()));
    let handler = {
        let (bus, results) = (bus.clone(), Arc::clone(&results));
        move |delivery: Delivery| {
            let (bus, results) = (bus.clone(), Arc::clone(&results));
            async move {
                if delivery.payload != "in" {
                    return Ok(());
                }
                let publish = async move { bus.publish(message("t", "again")).await };
                let result = if spawned { tokio::spawn(publish).await? } else { publish.await };
                results.lock().expect("no panic").push(result);
                Ok(())
            }
        }
    };
    let handler =
        bus.topic_handler("t").capacity(1).concurrency(concurrency).overflow(block(200)).start(handler);
    (handler.expect("valid options"), results)
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_would_wait_for_itself_is_told_so() {
    let (bus, clock) = (Bus::new(), Clock::start());
    let _other = bus.subscribe(">").expect("a pattern");
    let (task, results) = echoes(&bus, 1, false);
    // With room it may publish to itself.
    fill(&bus, ["in"]);
    sleep(ms(1)).await;
    assert_eq!(counts(results.lock().expect("no panic").remove(0).expect("room")), (2, 2, 0));

    task.unsubscribe().await;
    let before = bus.stats().published;
    let gate = Arc::new(Semaphore::new(0));
    let handler = {
        let (bus, gate) = (bus.clone(), Arc::clone(&gate));
        move |_| {
            let (bus, gate) = (bus.clone(), Arc::clone(&gate));
            async move {
                gate.acquire().await.expect("open").forget();
                let refused = bus.publish(message("t", "again")).await.expect_err("its mailbox is full");
                assert_eq!(
                    refused.to_string(),
                    "publish to t: the handler that publishes would wait for itself"
                );
                assert_eq!(refused, PublishError::WouldDeadlock(message("t", "again")));
                // A request waits in the same place; who does not wait, cannot deadlock.
                let request = bus.request("t", "again").await.expect_err("its mailbox is full");
                assert!(request.to_string().ends_with("would wait for itself"), "{request}");
                assert_eq!(counts(bus.try_publish(message("t", "again"))?), (2, 1, 1));
                Ok(())
            }
        }
    };
    let task = bus.topic_handler("t").capacity(1).overflow(block(200)).start(handler).expect("valid options");
    fill(&bus, ["first"]);
    tokio::task::yield_now().await;
    // The second fills the mailbox while the first is handled.
    fill(&bus, ["second"]);
    gate.add_permits(1);
    sleep(ms(10)).await;
    let stats = task.stats();
    assert_eq!((stats.handled, stats.panicked, stats.failed), (1, 0, 0));
    assert_eq!(bus.stats().published, before + 3, "what was refused reached nobody");
    assert!(clock.ms() < 100, "nobody waited");
}

#[tokio::test(start_paused = true)]
async fn longer_cycles_and_spawned_publishes_end_by_the_timeout() {
    for (concurrency, spawned) in [(1, true), (2, false)] {
        let (bus, clock) = (Bus::new(), Clock::start());
        let (task, results) = echoes(&bus, concurrency, spawned);
        // As many as are handled at a time, and one that fills the mailbox.
        for _ in 0..=concurrency {
            let _ = bus.publish(message("t", "in")).await.expect("the bus is open");
        }
        bus.close();
        task.finished().await;
        let results = results.lock().expect("no panic");
        assert_eq!(results.len(), concurrency + 1);
        assert!(clock.ms() <= 400, "{} ms", clock.ms());
    }

    // Two handlers that send each other two for one: both mailboxes are full, and both wait for the other.
    let (bus, clock) = (Bus::new(), Clock::start());
    let ping = |from: &'static str, to: &'static str| {
        let inner = bus.clone();
        let handler = move |_| {
            let bus = inner.clone();
            async move {
                for _ in 0..2 {
                    let _ = bus.publish(message(to, "m")).await?;
                }
                Ok(())
            }
        };
        bus.topic_handler(from).capacity(1).overflow(block(200)).start(handler).expect("valid options")
    };
    let handlers = [ping("a", "b"), ping("b", "a")];
    let _ = bus.publish(message("a", "m")).await.expect("the bus is open");
    sleep(ms(10_000)).await;
    let handled: u64 = handlers.iter().map(|task| task.stats().handled).sum();
    assert!(handled > 20, "{handled} in {} ms: it goes on", clock.ms());
    let [first, second] = handlers;
    first.unsubscribe().await;
    second.unsubscribe().await;
}

#[tokio::test(start_paused = true)]
async fn where_nobody_would_wait_it_is_no_deadlock() {
    let (bus, gate) = (Bus::new(), Arc::new(Semaphore::new(0)));
    let handler = {
        let (bus, gate) = (bus.clone(), Arc::clone(&gate));
        move |_| {
            let (bus, gate) = (bus.clone(), Arc::clone(&gate));
            async move {
                gate.acquire().await?.forget();
                assert_eq!(counts(bus.publish(message("t", "again")).await?), (1, 0, 1));
                Ok(())
            }
        }
    };
    let task = bus.topic_handler("t").capacity(1).overflow(block(200)).start(handler).expect("valid options");
    fill(&bus, ["first"]);
    tokio::task::yield_now().await;
    fill(&bus, ["second"]);
    // Somebody has waited in vain, so the mailbox is stalled, and drops at once.
    assert_eq!(counts(bus.publish(message("t", "third")).await.expect("open")), (1, 0, 1));
    gate.add_permits(1);
    sleep(ms(1)).await;
    assert_eq!((task.stats().handled, task.stats().failed), (1, 0));
}

/// A handler of `t` in the group `g`, with room for one, that publishes to `t` when it is let go, and says what came of
/// it.
#[track_caller]
fn grouped(bus: &Bus, key: bool) -> (HandlerTask, Arc<Semaphore>, Results) {
    let (gate, results) = (Arc::new(Semaphore::new(0)), Results::default());
    let handler = {
        let (bus, gate, results) = (bus.clone(), Arc::clone(&gate), Arc::clone(&results));
        move |_| {
            let (bus, gate, results) = (bus.clone(), Arc::clone(&gate), Arc::clone(&results));
            async move {
                gate.acquire().await?.forget();
                let result = bus.publish(message("t", "again")).await;
                results.lock().expect("no panic").push(result);
                Ok(())
            }
        }
    };
    let options = bus.topic_handler("t").queue("g").capacity(1).overflow(block(200));
    let options = if key { options.keyed_by(|_| Some(())) } else { options };
    (options.start(handler).expect("valid options"), gate, results)
}

#[tokio::test(start_paused = true)]
async fn in_a_group_it_would_wait_for_itself_while_nobody_else_is_there() {
    for key in [false, true] {
        let (bus, clock) = (Bus::new(), Clock::start());
        let (_task, gate, results) = grouped(&bus, key);
        // Of another group, another topic, or gone again.
        let _others = ["t", "u"].map(|pattern| bus.subscription(pattern).queue("h").open().expect("open"));
        drop(bus.subscription("*").queue("g").open().expect("valid options"));
        fill(&bus, ["first"]);
        tokio::task::yield_now().await;
        fill(&bus, ["second"]);
        gate.add_permits(1);
        sleep(ms(1)).await;
        let result = results.lock().expect("no panic").remove(0);
        assert_eq!(result, Err(PublishError::WouldDeadlock(message("t", "again"))));
        assert!(clock.ms() < 100, "nobody waited");
    }
}

#[tokio::test(start_paused = true)]
async fn in_a_group_with_another_member_it_waits_for_that_one() {
    // With the same pattern they share a mailbox; with another, that member's mailbox is empty.
    for (pattern, waited_ms) in [("t", 50), ("*", 0)] {
        let (bus, clock) = (Bus::new(), Clock::start());
        let (_task, gate, results) = grouped(&bus, false);
        fill(&bus, ["first"]);
        tokio::task::yield_now().await;
        fill(&bus, ["second"]);
        let options = bus.subscription(pattern).queue("g").capacity(1).overflow(block(200));
        let mut other = options.open().expect("valid options");
        gate.add_permits(1);
        sleep(ms(50)).await;
        other.try_recv().expect("a message");
        while results.lock().expect("no panic").is_empty() {
            sleep(ms(1)).await;
        }
        let result = results.lock().expect("no panic").remove(0);
        assert_eq!(counts(result.expect("no deadlock")), (1, 1, 0));
        assert!(clock.ms() >= waited_ms && clock.ms() < 200, "{} ms", clock.ms());
    }
}
