//! Requests and replies: who gets one, who does not, and how soon that is known.

use capstone_bus::{Bus, Message, PublishError, RequestError, RespondError, Subscription};
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_test::{assert_pending, assert_ready_err, assert_ready_ok, task};

use crate::support::{Clock, block, counts, drain, drop_at, fill, message, ms, open, topic};

/// Responds to each request after this long, with its payload in capitals.
fn respond_after(mut subscription: Subscription, millis: u64) -> JoinHandle<()> {
    tokio::spawn(async move {
        while let Some(question) = subscription.recv().await {
            sleep(ms(millis)).await;
            let text = std::str::from_utf8(&question.payload).expect("text").to_uppercase();
            let _ = question.respond(text).await.expect("a request on an open bus");
        }
    })
}

#[track_caller]
fn text(reply: &Message) -> &str {
    std::str::from_utf8(&reply.payload).expect("text")
}

#[tokio::test(start_paused = true)]
async fn the_first_reply_arrives_and_the_others_are_counted() {
    let (bus, clock) = (Bus::new(), Clock::start());
    for millis in [300, 100, 200] {
        respond_after(bus.subscribe("q.*").expect("a pattern"), millis);
    }
    let reply = bus.request("q.a", "hello").await.expect("three respond");
    assert_eq!((text(&reply), clock.ms()), ("HELLO", 100));
    sleep(ms(1_000)).await;
    assert_eq!(bus.stats().late_replies, 2);

    // What goes on at the same time is not mixed up.
    let (first, second) = tokio::join!(bus.request("q.a", "a"), bus.request("q.b", "b"));
    assert_eq!((text(&first.expect("a reply")), text(&second.expect("a reply"))), ("A", "B"));
}

#[tokio::test(start_paused = true)]
async fn no_responders_is_known_at_once_and_gives_the_message_back() {
    let (bus, clock) = (Bus::new(), Clock::start());
    let sent = message("q", "a").with_header("id", "7").expect("a header");
    let error = bus.request_message(sent.clone()).await.expect_err("nobody is there");
    assert_eq!(error, RequestError::NoResponders(sent));
    assert_eq!(error.to_string(), "request to q: nobody subscribes to it");
    assert_eq!(clock.ms(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_request_times_out_while_somebody_still_has_it() {
    let (bus, clock) = (Bus::new(), Clock::start());
    let mut idle = bus.subscribe("q").expect("a pattern");
    let error = bus.request("q", "a").await.expect_err("nobody responds");
    assert_eq!((error.to_string().as_str(), clock.ms()), ("request to q: no reply within 5s", 5_000));
    let error = bus.request("q", "b").timeout(ms(70)).await.expect_err("nobody responds");
    assert_eq!(error, RequestError::Timeout { topic: topic("q"), timeout: ms(70) });
    assert_eq!(clock.ms(), 5_070);

    let late = idle.try_recv().expect("the first request").respond("too late").await;
    assert_eq!(counts(late.expect("the bus is open")), (0, 0, 0));
    assert_eq!(bus.stats().late_replies, 1);
}

/// Whatever else is published to the same subscriptions, and stays in memory with what lay beside it.
#[tokio::test(start_paused = true)]
async fn a_publisher_beside_a_request_keeps_no_copy_of_it() {
    let (bus, clock) = (Bus::new(), Clock::start());
    let mut subscriptions = [(); 2].map(|()| open(&bus, 99, block(0)));
    let mut publisher = bus.publisher(topic("t"));
    for _ in 0..9 {
        assert_eq!(counts(publisher.try_publish("event").expect("the bus is open")), (2, 2, 0));
    }
    let request = bus.request("t", "question");
    let responders = async {
        for subscription in &mut subscriptions {
            (0..10).for_each(|_| drop(subscription.try_recv().expect("a message")));
        }
    };
    let (replied, ()) = futures::future::join(request.into_future(), responders).await;
    let gone = RequestError::ResponderGone { topic: topic("t") };
    assert_eq!((replied.expect_err("nobody responds"), clock.ms()), (gone, 0));
}

/// By a publisher, too, a request that is passed on is the same request.
#[tokio::test(start_paused = true)]
async fn a_request_that_a_publisher_passes_on_ends_with_its_last_copy() {
    let (bus, clock) = (Bus::new(), Clock::start());
    let mut front = bus.subscribe("front").expect("a pattern");
    let mut back = [(); 2].map(|()| bus.subscribe("back").expect("a pattern"));
    let mut publisher = bus.publisher(topic("back"));
    assert_eq!(counts(publisher.try_publish("event").expect("the bus is open")), (2, 2, 0));
    let request = bus.request("front", "question");
    let responders = async {
        let mut message = front.recv().await.expect("the question").into_message();
        message.topic = topic("back");
        assert_eq!(counts(publisher.publish_message(message).await.expect("the bus is open")), (2, 2, 0));
        for subscription in &mut back {
            (0..2).for_each(|_| drop(subscription.try_recv().expect("a message")));
        }
    };
    let (replied, ()) = futures::future::join(request.into_future(), responders).await;
    let gone = RequestError::ResponderGone { topic: topic("front") };
    assert_eq!((replied.expect_err("nobody responds"), clock.ms()), (gone, 0));
}

#[tokio::test(start_paused = true)]
async fn when_the_last_copy_is_dropped_the_responder_is_gone() {
    let (bus, clock) = (Bus::new(), Clock::start());
    let gone = RequestError::ResponderGone { topic: topic("t") };
    let mut first = open(&bus, 9, block(0));
    let mut second = open(&bus, 9, block(0));

    // Dropped by one receiver, kept by another, in two copies; then by all.
    let mut request = task::spawn(bus.request("t", "a").into_future());
    assert_pending!(request.poll());
    drop(first.try_recv().expect("the request"));
    assert_pending!(request.poll());
    let kept = second.try_recv().expect("the request");
    let copy = kept.clone().into_message();
    drop(kept);
    assert_pending!(request.poll());
    drop(copy);
    assert!(request.is_woken());
    assert_eq!(assert_ready_err!(request.poll()), gone);

    // Never taken out of the mailboxes.
    let mut request = task::spawn(bus.request("t", "b").into_future());
    assert_pending!(request.poll());
    drop((first, second));
    assert_eq!(assert_ready_err!(request.poll()), gone);

    // Had no room anywhere.
    let _full = open(&bus, 1, block(0));
    fill(&bus, ["x"]);
    assert_eq!(bus.request("t", "c").await.expect_err("no room"), gone);
    assert_eq!(clock.ms(), 0);
    assert_eq!(gone.to_string(), "request to t: every receiver dropped it without a reply");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_is_handed_over_waits_for_its_reply() {
    let (bus, clock) = (Bus::new(), Clock::start());
    let mut bridge = bus.subscribe("q").expect("a pattern");
    let remote = tokio::spawn({
        let bus = bus.clone();
        async move {
            for reply in ["a reply", ""] {
                let inbox = bridge.recv().await.expect("a request").hand_over().expect("an inbox").clone();
                sleep(ms(100)).await;
                if !reply.is_empty() {
                    let receipt = bus.publish(Message::new(inbox, reply)).await.expect("the bus is open");
                    assert_eq!(counts(receipt), (1, 1, 0));
                }
            }
        }
    });
    assert_eq!(text(&bus.request("q", "a").await.expect("a reply")), "a reply");
    let error = bus.request("q", "b").await.expect_err("no reply");
    assert!(matches!(error, RequestError::Timeout { .. }));
    assert_eq!(clock.ms(), 5_100);
    remote.await.expect("no panic");
}

#[tokio::test]
async fn a_request_that_is_passed_on_is_answered_by_who_gets_it() {
    let bus = Bus::new();
    let mut front = bus.subscribe("front").expect("a pattern");
    respond_after(bus.subscribe("back").expect("a pattern"), 0);
    tokio::spawn({
        let bus = bus.clone();
        async move {
            let mut passed_on = front.recv().await.expect("a request").into_message();
            passed_on.topic = topic("back");
            let _ = bus.publish(passed_on).await.expect("the bus is open");
        }
    });
    assert_eq!(text(&bus.request("front", "a").await.expect("a reply")), "A");
}

#[tokio::test(start_paused = true)]
async fn a_reply_may_go_to_any_topic_and_carry_headers() {
    let bus = Bus::new();
    let mut client = bus.subscribe("_INBOX.client.*").expect("a pattern");
    let mut service = bus.subscribe("q").expect("a pattern");
    let question = message("q", "a").with_reply(topic("_INBOX.client.1"));
    let _ = bus.publish(question).await.expect("the bus is open");
    let question = service.try_recv().expect("the question");
    assert_eq!(counts(question.respond("b").await.expect("a reply")), (1, 1, 0));
    let response = question.response("c").expect("a reply").with_header("status", "1").expect("a header");
    let _ = bus.publish(response).await.expect("the bus is open");
    assert_eq!(drain(&mut client), ["b", "c"]);

    fill(&bus, ["not a request"]);
    let _ = bus.publish(message("q", "not a request")).await.expect("the bus is open");
    let error = service.try_recv().expect("a message").respond("b").await.expect_err("no reply topic");
    assert_eq!(error, RespondError::NotARequest { topic: topic("q") });
    assert_eq!(error.to_string(), "the message on q asks for no reply");
}

#[tokio::test]
async fn an_observer_of_the_inbox_sees_replies_and_takes_none() {
    let bus = Bus::new();
    let mut observer = bus.subscribe("$INBOX.>").expect("anybody may subscribe");
    let mut everything = bus.subscribe("*.*").expect("a pattern");
    respond_after(bus.subscribe("q").expect("a pattern"), 0);
    assert_eq!(text(&bus.request("q", "a").await.expect("a reply")), "A");
    assert_eq!((drain(&mut observer), drain(&mut everything)), (vec!["A".to_owned()], vec![]));

    // Nobody waits there: late, like a number that never was.
    for name in ["$INBOX", "$INBOX.1", "$INBOX.7", "$INBOX.x", "$INBOX.1.1"] {
        let _ = bus.publish(message(name, "?")).await.expect("the bus is open");
    }
    assert_eq!((bus.stats().late_replies, drain(&mut observer).len()), (5, 4));
}

#[tokio::test(start_paused = true)]
async fn a_closed_bus_takes_no_request_and_finishes_those_it_has() {
    let bus = Bus::new();
    let mut service = bus.subscribe("q").expect("a pattern");
    let mut request = task::spawn(bus.request("q", "a").into_future());
    assert_pending!(request.poll());
    bus.close();
    let question = service.recv().await.expect("what is queued still arrives");
    assert_eq!(counts(question.respond("b").await.expect("it is awaited")), (1, 1, 0));
    assert_eq!(text(&assert_ready_ok!(request.poll())), "b");
    let again = question.respond("c").await.expect_err("nobody waits for it");
    assert!(matches!(again, RespondError::Refused(PublishError::Closed(_))));

    let error = bus.request("q", "d").await.expect_err("closed");
    assert_eq!(error, RequestError::Closed(message("q", "d")));
    let error = bus.request("$DLQ.q", "d").await.expect_err("closed or not");
    assert_eq!(error, RequestError::Refused(PublishError::Reserved(message("$DLQ.q", "d"))));
    let error = bus.request("q..", "d").await.expect_err("no topic");
    assert_eq!(error.to_string(), r#"topic "q..": token 2 is empty"#);
}

#[tokio::test(start_paused = true)]
async fn a_reply_does_not_wait_for_a_full_mailbox_of_somebody_else_which_has_its_time_all_the_same() {
    let (bus, clock) = (Bus::new(), Clock::start());
    let mut audit = open(&bus, 1, block(400));
    fill(&bus, ["x"]);
    respond_after(bus.subscribe("q").expect("a pattern"), 0);
    let reply = bus.request("q", "a").await.expect("a reply");
    assert_eq!((text(&reply), clock.ms()), ("A", 0));
    sleep(ms(300)).await;
    assert_eq!(drain(&mut audit), ["x", "a"], "in front of its mailbox, until there was room");

    // A request that is over does not let it wait for longer than it says.
    fill(&bus, ["y"]);
    assert_eq!(text(&bus.request("q", "b").await.expect("a reply")), "B");
    sleep(ms(401)).await;
    assert_eq!((drain(&mut audit), audit.dropped()), (vec!["y".to_owned()], 1));
    assert_eq!(clock.ms(), 701);
}

#[tokio::test(start_paused = true)]
async fn a_reply_that_comes_in_time_is_had_however_many_copies_wait() {
    const MOST: usize = 1_024;
    let (bus, clock) = (Bus::new(), Clock::start());
    let audit = open(&bus, 1, block(400));
    fill(&bus, ["x"]);
    respond_after(bus.subscribe("q").expect("a pattern"), 0);
    for _ in 0..MOST {
        bus.request("q", "a").await.expect("a reply");
    }
    assert_eq!((clock.ms(), bus.stats().subscriptions[0].waiting), (0, MOST));
    // One more is waited for, as long as the request has time.
    let reply = bus.request("q", "b").timeout(ms(100)).await.expect("a reply");
    assert_eq!((text(&reply), clock.ms(), bus.stats().subscriptions[0].waiting), ("B", 100, MOST));
    let shutdown = bus.shutdown(ms(10_000));
    let reader = tokio::spawn(futures::StreamExt::count(audit));
    assert!(shutdown.await.is_clean());
    assert_eq!((reader.await.expect("no panic"), clock.ms()), (1 + MOST, 100));
}

#[tokio::test]
async fn nobody_guesses_where_another_request_waits() {
    let bus = Bus::new();
    let mut service = bus.subscribe("q").expect("a pattern");
    let [mut first, mut second] = [(); 2].map(|()| task::spawn(bus.request("q", "a").into_future()));
    assert_pending!(first.poll());
    let question = service.try_recv().expect("the request");
    assert_pending!(second.poll());
    let _other = service.try_recv().expect("the request");
    let inbox = question.reply().cloned().expect("an inbox").to_string();
    // Who is asked knows one inbox. The next number, with the rest of it, is nobody's.
    let (number, rest) = inbox["$INBOX.".len()..].split_once('-').unwrap_or((&inbox["$INBOX.".len()..], ""));
    let next = number.parse::<u64>().expect("a number") + 1;
    for guess in [format!("$INBOX.{next}"), format!("$INBOX.{next}-{rest}")] {
        assert_eq!(counts(bus.publish(message(&guess, "forged")).await.expect("open")), (0, 0, 0), "{guess}");
    }
    assert_pending!(second.poll());
    let _ = question.respond("b").await.expect("a request");
    assert_eq!(text(&assert_ready_ok!(first.poll())), "b");
    assert_eq!(bus.stats().late_replies, 2);
}

/// One mailbox has room after 100 ms, and responds 100 ms later.
#[tokio::test(start_paused = true)]
async fn request_dropped_at_each_of_its_polls_leaves_nothing_behind() {
    let mut replied = Vec::new();
    for polls in 0.. {
        let bus = Bus::new();
        let mut service = open(&bus, 1, block(1_000));
        fill(&bus, ["x"]);
        let responder = tokio::spawn(async move {
            sleep(ms(100)).await;
            service.try_recv().expect("what was there before");
            sleep(ms(100)).await;
            if let Ok(question) = service.try_recv() {
                let _ = question.respond("b").await.expect("a request");
            }
            service
        });
        let reply = drop_at(polls, bus.request("t", "a").into_future()).await;
        drop(responder.await.expect("no panic"));
        replied.push((reply.is_some(), bus.stats().late_replies));
        if let Some(reply) = reply {
            assert_eq!(text(&reply.expect("a reply")), "b");
            break;
        }
    }
    // Not published; moved into the mailbox when nobody waits any more; replied at the same moment; done.
    assert_eq!(replied, [(false, 0), (false, 1), (false, 0), (true, 0)]);
}

#[tokio::test(start_paused = true)]
async fn respond_dropped_at_each_of_its_polls() {
    let mut outcomes = Vec::new();
    for polls in 0.. {
        let bus = Bus::new();
        let mut service = bus.subscribe("q").expect("a pattern");
        let mut observer = bus.subscription("$INBOX.>").capacity(1).open().expect("valid options");
        let _ = bus.publish(message("$INBOX.x", "fills it")).await.expect("the bus is open");
        let mut request = task::spawn(bus.request("q", "a").into_future());
        assert_pending!(request.poll());
        let question = service.try_recv().expect("the request");
        let room = tokio::spawn(async move {
            sleep(ms(100)).await;
            drain(&mut observer)
        });
        let responded = drop_at(polls, question.respond("b")).await;
        room.await.expect("no panic");
        let replied = request.is_woken();
        outcomes.push((responded.is_some(), replied));
        if responded.is_some() {
            break;
        }
    }
    assert_eq!(outcomes, [(false, false), (false, true), (true, true)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_requests_at_once_each_get_their_own_reply() {
    const EACH: usize = 500;
    let bus = Bus::new();
    let members: Vec<_> = (0..3)
        .map(|_| respond_after(bus.subscription("q.*").queue("g").open().expect("valid options"), 0))
        .collect();
    let requesters: Vec<_> = (0..8)
        .map(|requester| {
            let bus = bus.clone();
            tokio::spawn(async move {
                for number in 0..EACH {
                    let question = format!("r{requester} n{number}");
                    let reply = bus.request(format!("q.{requester}"), question.clone()).await;
                    assert_eq!(text(&reply.expect("a reply")), question.to_uppercase());
                }
            })
        })
        .collect();
    for requester in requesters {
        requester.await.expect("no panic");
    }
    bus.close();
    for member in members {
        member.await.expect("no panic");
    }
    let stats = bus.stats();
    assert_eq!((stats.late_replies, stats.published), (0, 2 * 8 * EACH as u64));
}
