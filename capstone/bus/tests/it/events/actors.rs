//! Actors: one for each key, in order, with state, and what happens when one breaks.

use std::panic::panic_any;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use capstone_bus::events::{
    Actor, ActorError, DEPTH_MAX, Event, Events, HandlerBuilder, HandlerError, Registration,
};
use futures::future::join_all;
use tokio::time::sleep;

use super::{Journal, Tick, attempts, outcomes};
use crate::support::{drop_at, ms};

/// An event for an actor, and what it shall do there.
#[derive(Clone, Copy)]
struct Post(&'static str, Deed);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Deed {
    /// Takes 10 ms.
    Work,
    Fail,
    Panic,
    /// Emits the same event to the same actor.
    PostAgain,
    Hang,
}

impl Event for Post {
    const TOPIC: &'static str = "posts";
}

/// Notes what it does, with how many events it has begun to handle, and when it is dropped.
struct Clerk {
    key: &'static str,
    begun: u32,
    journal: Journal,
    events: Events,
}

impl Actor<Post> for Clerk {
    async fn handle(&mut self, post: Arc<Post>) -> Result<(), HandlerError> {
        self.begun += 1;
        let name = format!("{}#{}", self.key, self.begun);
        self.journal.note(format!("{name} begins"));
        match post.1 {
            Deed::Work => sleep(ms(10)).await,
            Deed::Fail => return Err("no".into()),
            Deed::Panic => panic_any(format!("{name} broke")),
            Deed::PostAgain => self.events.emit(Post(self.key, Deed::PostAgain)).await.into_result()?,
            Deed::Hang => std::future::pending().await,
        }
        self.journal.note(format!("{name} ends"));
        Ok(())
    }
}

impl Drop for Clerk {
    fn drop(&mut self) {
        self.journal.note(format!("{} dropped", self.key));
    }
}

/// Clerks as the handler of posts, with whatever options.
fn clerks(
    events: &Events,
    journal: &Journal,
    mailbox: usize,
    options: impl FnOnce(HandlerBuilder<Post>) -> HandlerBuilder<Post>,
) -> Registration {
    let (journal, registry) = (journal.clone(), events.clone());
    let make =
        move |key: &&'static str| Clerk { key, begun: 0, journal: journal.clone(), events: registry.clone() };
    options(events.handler::<Post>().name("clerks")).on_actors(mailbox, |post| post.0, make)
}

async fn emit_all(events: &Events, posts: impl IntoIterator<Item = Post>) -> Vec<String> {
    let reports = join_all(posts.into_iter().map(|post| events.emit(post))).await;
    reports.iter().flat_map(outcomes).collect()
}

#[tokio::test(start_paused = true)]
async fn one_key_is_handled_in_order_and_others_at_the_same_time() {
    let (events, journal) = (Events::new(), Journal::start());
    clerks(&events, &journal, 1, |options| options);
    let posts = ["a", "a", "b", "a", "a"].map(|key| Post(key, Deed::Work));
    assert_eq!(emit_all(&events, posts).await, ["ok"; 5]);
    let expected = [
        "0 a#1 begins",
        "0 b#1 begins",
        "10 a#1 ends",
        "10 a#2 begins",
        "10 b#1 ends",
        "20 a#2 ends",
        "20 a#3 begins",
        "30 a#3 ends",
        "30 a#4 begins",
        "40 a#4 ends",
    ];
    assert_eq!(journal.told(), expected, "counted on by one actor, whatever the size of the mailbox");
}

#[tokio::test(start_paused = true)]
async fn an_error_keeps_the_state_and_a_panic_makes_a_new_actor_for_what_is_queued() {
    let (events, journal) = (Events::new(), Journal::start());
    clerks(&events, &journal, 8, |options| options);
    let posts = [Deed::Fail, Deed::Panic, Deed::Work].map(|deed| Post("a", deed));
    assert_eq!(emit_all(&events, posts).await, ["no", "panicked: a#2 broke", "ok"]);
    let expected = ["0 a#1 begins", "0 a#2 begins", "0 a dropped", "0 a#1 begins", "10 a#1 ends"];
    assert_eq!(journal.told(), expected);
}

#[tokio::test]
async fn an_actor_that_cannot_be_made_is_tried_again() {
    struct Late;
    impl Actor<Tick> for Late {
        async fn handle(&mut self, _: Arc<Tick>) -> Result<(), HandlerError> {
            Ok(())
        }
    }
    let (events, ready) = (Events::new(), Arc::new(AtomicBool::new(false)));
    let make = {
        let ready = Arc::clone(&ready);
        move |_: &u64| {
            assert!(ready.load(Ordering::Relaxed), "not ready");
            Late
        }
    };
    events.handler::<Tick>().on_actors(8, |tick| tick.0, make);
    assert_eq!(outcomes(&events.emit(Tick(1)).await), ["panicked: not ready"]);
    ready.store(true, Ordering::Relaxed);
    assert_eq!(outcomes(&events.emit(Tick(1)).await), ["ok"]);
}

#[tokio::test(start_paused = true)]
async fn a_full_mailbox_lets_only_so_many_wait() {
    let (events, journal) = (Events::new(), Journal::start());
    clerks(&events, &journal, 1, |options| options.waiting_max(2));
    let first = tokio::spawn({
        let events = events.clone();
        async move { events.emit(Post("a", Deed::Work)).await }
    });
    sleep(ms(1)).await;
    // One is handled, one is in the mailbox, two wait for a place there.
    let busy = "too many emissions wait for the handler";
    assert_eq!(emit_all(&events, [Post("a", Deed::Work); 4]).await, ["ok", "ok", "ok", busy]);
    assert!(first.await.expect("no panic").is_ok());
    assert_eq!(journal.told().last().map(String::as_str), Some("40 a#4 ends"));
}

#[tokio::test(start_paused = true)]
async fn an_emission_that_goes_takes_its_event_back_out_of_the_actor() {
    let (events, journal) = (Events::new(), Journal::start());
    clerks(&events, &journal, 8, |options| options);
    // At each poll: before it is in the mailbox; in the middle of its work; when the work is done and told.
    for (polls, told) in [(0, 0), (1, 2), (2, 2)] {
        let report = drop_at(polls, events.emit(Post("a", Deed::Work))).await;
        assert_eq!((report.is_some(), journal.told().len()), (polls == 2, told), "dropped at poll {polls}");
    }
    // Dropped while it is handled, and while it is queued behind that.
    let give_up = tokio::time::timeout(ms(5), emit_all(&events, [Post("a", Deed::Work); 2]));
    give_up.await.expect_err("two take 20 ms");
    assert_eq!(emit_all(&events, [Post("a", Deed::Work)]).await, ["ok"]);
    let [begins, again, ends] = &journal.told()[..] else { panic!("the one in the queue was not handled") };
    assert_eq!([begins, again, ends], ["20 a#3 begins", "25 a#4 begins", "35 a#4 ends"]);
}

#[tokio::test(start_paused = true)]
async fn options_are_those_of_the_handler_as_a_whole() {
    let (events, journal) = (Events::new(), Journal::start());
    clerks(&events, &journal, 8, |options| {
        options.timeout(ms(5)).retry(attempts(2, ms(1))).filter(|post| post.0 != "b")
    });
    let posts = [Post("a", Deed::Hang), Post("b", Deed::Work)];
    assert_eq!(emit_all(&events, posts).await, ["timed out", "skipped: filtered"]);
    assert_eq!(journal.told(), ["0 a#1 begins", "6 a#2 begins"]);
}

#[tokio::test(start_paused = true)]
async fn an_actor_that_would_wait_for_itself_is_an_error() {
    let (events, journal) = (Events::new(), Journal::start());
    clerks(&events, &journal, 8, |options| options);
    let told = emit_all(&events, [Post("a", Deed::PostAgain)]).await;
    let inner = "the actor waits for the emission of this event, and would never come to handle it";
    assert_eq!(told, [format!("emit posts: 1 of 1 handlers failed; clerks: {inner}")]);
    assert_eq!(journal.told(), ["0 a#1 begins"]);
}

#[tokio::test]
async fn depth_is_counted_through_actors() {
    struct Counter(Events);
    impl Actor<Tick> for Counter {
        async fn handle(&mut self, tick: Arc<Tick>) -> Result<(), HandlerError> {
            self.0.emit(Tick(tick.0 + 1)).await.into_result()?;
            Ok(())
        }
    }
    let events = Events::new();
    let registry = events.clone();
    events.handler::<Tick>().name("a").on_actors(1, |tick| tick.0, move |_| Counter(registry.clone()));
    let told = outcomes(&events.emit(Tick(0)).await).remove(0);
    let refused = "emit ticks: emitted inside of 64 handlers that wait for each other";
    assert!(told.ends_with(refused), "{told}");
    assert_eq!(told.matches("emit ticks").count(), DEPTH_MAX);
}

#[tokio::test(start_paused = true)]
async fn actors_end_when_their_handler_is_cancelled_and_finish_what_they_have() {
    let (events, journal) = (Events::new(), Journal::start());
    let registration = clerks(&events, &journal, 8, |options| options);
    let emit = tokio::spawn({
        let events = events.clone();
        async move { emit_all(&events, [Post("a", Deed::Work); 2]).await }
    });
    sleep(ms(1)).await;
    registration.cancel();
    assert_eq!(emit.await.expect("no panic"), ["ok"; 2]);
    sleep(ms(1)).await;
    let expected = ["0 a#1 begins", "10 a#1 ends", "10 a#2 begins", "20 a#2 ends", "20 a dropped"];
    assert_eq!(journal.told(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_waits_for_actors_and_drops_those_that_hang() {
    let (events, journal) = (Events::new(), Journal::start());
    clerks(&events, &journal, 8, |options| options);
    events.emit_and_forget(Post("a", Deed::Work)).expect("room");
    let report = events.shutdown(ms(100)).await;
    assert_eq!((report.finished, report.left_over, report.actors_left), (1, 0, 0));
    assert_eq!(journal.told(), ["0 a#1 begins", "10 a#1 ends", "10 a dropped"]);

    let (events, journal) = (Events::new(), Journal::start());
    clerks(&events, &journal, 8, |options| options);
    let hangs = tokio::spawn({
        let events = events.clone();
        async move { events.emit(Post("a", Deed::Hang)).await }
    });
    sleep(ms(1)).await;
    let report = events.shutdown(ms(100)).await;
    assert_eq!((report.finished, report.left_over, report.actors_left), (0, 0, 1));
    assert_eq!(outcomes(&hangs.await.expect("no panic")), ["the actor is gone"]);
    assert_eq!(journal.told(), ["0 a#1 begins", "101 a dropped"]);
}

#[test]
fn an_actor_whose_runtime_has_ended_is_spawned_again() {
    let (events, journal) = (Events::new(), Journal::start());
    clerks(&events, &journal, 8, |options| options);
    for _ in 0..2 {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        assert_eq!(runtime.block_on(emit_all(&events, [Post("a", Deed::Fail)])), ["no"]);
    }
    let told: Vec<_> =
        journal.told().iter().map(|line| line.split_once(' ').expect("a time").1.to_owned()).collect();
    assert_eq!(told, ["a#1 begins", "a dropped", "a#1 begins", "a dropped"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_keys_from_many_threads_stay_in_order() {
    struct InOrder(u64);
    impl Actor<Tick> for InOrder {
        async fn handle(&mut self, tick: Arc<Tick>) -> Result<(), HandlerError> {
            tokio::task::yield_now().await;
            if tick.0 / KEYS != self.0 {
                return Err(format!("{} instead of {}", tick.0 / KEYS, self.0).into());
            }
            self.0 += 1;
            Ok(())
        }
    }
    const KEYS: u64 = 16;
    const EACH: u64 = 200;
    let events = Events::new();
    events.handler::<Tick>().on_actors(2, |tick| tick.0 % KEYS, |_| InOrder(0));
    // One emitter a key, with more under way than the mailbox holds.
    let emitters = (0..KEYS).map(|key| {
        let events = events.clone();
        tokio::spawn(async move {
            let ticks = (0..EACH).map(|number| Tick(number * KEYS + key));
            events.emit_batch_concurrent(ticks, 5).await.into_iter().flat_map(|r| outcomes(&r)).collect()
        })
    });
    for outcomes in join_all(emitters).await {
        let outcomes: Vec<String> = outcomes.expect("no panic");
        assert_eq!(outcomes, ["ok"; EACH as usize]);
    }
    assert_eq!(events.stats().handlers[0].counts.handled, KEYS * EACH);
}

#[tokio::test(start_paused = true)]
async fn one_key_more_than_there_may_be_actors_fails_and_the_others_go_on() {
    let (events, journal) = (Events::new(), Journal::start());
    clerks(&events, &journal, 1, |options| options.actors_max(2));
    let posts = ["a", "b", "c", "a"].map(|key| Post(key, Deed::Work));
    let too_many = "there are 2 actors already, and no more may be made";
    assert_eq!(emit_all(&events, posts).await, ["ok", "ok", too_many, "ok"]);
    let report = events.emit(Post("c", Deed::Work)).await;
    let capstone_bus::events::Outcome::Err(error) = &report.handlers[0].outcome else { panic!("{report:?}") };
    assert_eq!(error.downcast_ref(), Some(&ActorError::TooMany { actors_max: 2 }));
}

#[tokio::test(start_paused = true)]
async fn an_actor_without_events_ends_and_makes_room_for_another() {
    let (events, journal) = (Events::new(), Journal::start());
    clerks(&events, &journal, 4, |options| options.actors_max(1).actors_idle(ms(100)));
    assert_eq!(emit_all(&events, [Post("a", Deed::Work)]).await, ["ok"]);
    sleep(ms(99)).await;
    assert_eq!(emit_all(&events, [Post("b", Deed::Fail), Post("a", Deed::Fail)]).await[1], "no");
    sleep(ms(101)).await;
    assert_eq!(emit_all(&events, [Post("b", Deed::Fail)]).await, ["no"]);
    sleep(ms(1_000)).await;
    assert_eq!(emit_all(&events, [Post("a", Deed::Fail)]).await, ["no"]);
    let expected = [
        "0 a#1 begins",
        "10 a#1 ends",
        "109 a#2 begins",
        "209 a dropped",
        "210 b#1 begins",
        "310 b dropped",
        "1210 a#1 begins",
    ];
    assert_eq!(journal.told(), expected);
    let report = events.shutdown(ms(1_000)).await;
    assert_eq!((report.actors_left, report.panicked), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn an_event_in_the_moment_in_which_an_actor_ends_is_handled() {
    for after_ms in [9, 10, 11] {
        let (events, journal) = (Events::new(), Journal::start());
        clerks(&events, &journal, 1, |options| options.actors_max(1).actors_idle(ms(10)));
        assert_eq!(emit_all(&events, [Post("a", Deed::Fail)]).await, ["no"]);
        sleep(ms(after_ms)).await;
        assert_eq!(emit_all(&events, [Deed::Work; 3].map(|deed| Post("a", deed))).await, ["ok"; 3]);
        let begun = journal.told().iter().filter(|line| line.contains("begins")).count();
        assert_eq!(begun, 4, "{:?}", journal.told());
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_needs_no_place_in_the_line_of_its_own_handler() {
    let (events, journal) = (Events::new(), Journal::start());
    clerks(&events, &journal, 1, |options| options.waiting_max(1).retry(attempts(2, ms(0))));
    // One fails, one is in the mailbox, one waits for a place there: the retry of the first waits beside it.
    let posts = [Deed::Fail, Deed::Work, Deed::Work].map(|deed| Post("a", deed));
    assert_eq!(emit_all(&events, posts).await, ["no", "ok", "ok"]);
    let begun = journal.told().iter().filter(|line| line.contains("begins")).count();
    assert_eq!(begun, 4);
}
