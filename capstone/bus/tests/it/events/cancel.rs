//! Every public future, dropped at each of its polls.

use capstone_bus::events::{Events, HandlerStats};

use super::{Journal, Tick, attempts};
use crate::support::{drop_at, ms};

/// Two classes; the first has a handler of 10 ms and one of 20 ms, which notes a dead letter if it must.
fn two_classes(journal: &Journal) -> Events {
    let events = Events::new();
    events.handler().priority(1).on(journal.handler("a", 10));
    events.handler().priority(1).on(journal.handler("b", 20));
    events.on(journal.handler("c", 10));
    events
}

fn cancelled(events: &Events) -> Vec<u64> {
    let stats = events.stats();
    assert!(stats.handlers.iter().all(|h| h.counts.running == 0), "{stats:?}");
    stats.handlers.iter().map(|h| h.counts.cut_off).collect()
}

#[tokio::test(start_paused = true)]
async fn emit_dropped_at_each_of_its_polls() {
    let story = ["0 a1 begins", "0 b1 begins", "10 a1 ends", "20 b1 ends", "20 c1 begins", "30 c1 ends"];
    // Per poll: how much of the story was told when the future was dropped, and who counts as cancelled.
    let expected: [(usize, [u64; 3]); 5] =
        [(0, [0, 0, 0]), (2, [1, 1, 0]), (3, [0, 1, 0]), (5, [0, 0, 1]), (6, [0, 0, 0])];
    for (polls, (told, cancels)) in expected.into_iter().enumerate() {
        let journal = Journal::start();
        let events = two_classes(&journal);
        let report = drop_at(polls, events.emit(Tick(1))).await;
        assert_eq!(journal.told(), story[..told], "dropped at poll {polls}");
        assert_eq!(cancelled(&events), cancels, "dropped at poll {polls}");
        assert_eq!(report.is_some(), polls == 4);
    }
}

#[tokio::test(start_paused = true)]
async fn an_emission_dropped_while_it_waits_gives_its_turn_to_the_next() {
    let (events, journal) = (Events::new(), Journal::start());
    events.handler().concurrency(1).on(journal.handler("a", 10));
    let first = tokio::spawn({
        let events = events.clone();
        async move { events.emit(Tick(1)).await }
    });
    tokio::task::yield_now().await;
    assert!(drop_at(1, events.emit(Tick(2))).await.is_none(), "woken with the turn, and dropped");
    drop(events.emit(Tick(3)).await);
    drop(first.await.expect("no panic"));
    assert_eq!(journal.told(), ["0 a1 begins", "10 a1 ends", "10 a3 begins", "20 a3 ends"]);
    assert_eq!(cancelled(&events), [1]);
}

#[tokio::test(start_paused = true)]
async fn dropped_between_two_attempts_it_leaves_no_dead_letter() {
    let (events, journal) = (Events::new(), Journal::start());
    let options = events.handler().retry(attempts(2, ms(10)));
    options.dead_letter(async |_| panic!("not failed yet")).on_fallible(journal.fails("a"));
    assert!(drop_at(1, events.emit(Tick(1))).await.is_none());
    assert_eq!(journal.told(), ["0 a1"]);
    let HandlerStats { cut_off, dead_letters, dead_letters_lost, .. } = events.stats().handlers[0].counts;
    assert_eq!((cut_off, dead_letters, dead_letters_lost), (1, 0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_sequential_batch_dropped_at_each_of_its_polls() {
    for (polls, told) in [(0, 0), (1, 1), (2, 3), (3, 4)] {
        let (events, journal) = (Events::new(), Journal::start());
        events.on(journal.handler("a", 10));
        let reports = drop_at(polls, events.emit_batch_sequential([Tick(1), Tick(2)])).await;
        let story = ["0 a1 begins", "10 a1 ends", "10 a2 begins", "20 a2 ends"];
        assert_eq!(journal.told(), story[..told], "dropped at poll {polls}");
        assert_eq!(reports.is_some(), polls == 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_concurrent_batch_dropped_at_each_of_its_polls() {
    let story = ["0 a1 begins", "0 a2 begins", "10 a1 ends", "10 a2 ends", "10 a3 begins", "20 a3 ends"];
    // A stream of futures also yields when each has been polled once, so that some polls tell nothing new.
    let mut told_before = 0;
    for polls in 0.. {
        let (events, journal) = (Events::new(), Journal::start());
        events.on(journal.handler("a", 10));
        let batch = [Tick(1), Tick(2), Tick(3)];
        let reports = drop_at(polls, events.emit_batch_concurrent(batch, 2)).await;
        let told = journal.told();
        assert_eq!(told, story[..told.len()], "dropped at poll {polls}");
        assert!(told.len() >= told_before && (polls > 0 || told.is_empty()));
        told_before = told.len();
        let stats = events.stats().handlers[0].counts;
        assert_eq!((stats.running, stats.handled + stats.cut_off), (0, begun(&told)));
        if reports.is_some() {
            assert_eq!(told, story);
            break;
        }
    }
}

fn begun(told: &[String]) -> u64 {
    told.iter().filter(|line| line.ends_with("begins")).count() as u64
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_dropped_at_each_of_its_polls_loses_nothing() {
    for polls in 0.. {
        let (events, journal) = (Events::new(), Journal::start());
        events.on(journal.handler("a", 10));
        events.emit_and_forget(Tick(1)).expect("room");
        let report = drop_at(polls, events.shutdown(ms(1_000))).await;
        assert_eq!(events.is_closed(), polls > 0);
        if report.is_some() {
            assert_eq!(polls, 2, "it waits once");
            break;
        }
        events.shutdown(ms(1_000)).await;
        assert_eq!(journal.told(), ["0 a1 begins", "10 a1 ends"]);
    }
}
