//! A real client, `async-nats`, which knows nothing of us.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_nats::{Client, ConnectOptions, Subscriber};
use capstone_bus::Bus;
use futures::StreamExt;
use tokio::time::timeout;

use super::support::{NEVER, Server};
use crate::support::message;

async fn connect(server: &Server) -> Client {
    let options = ConnectOptions::new().reconnect_delay_callback(|_| Duration::from_millis(20));
    options.connect(format!("nats://{}", server.address)).await.expect("it listens")
}

/// Subscribes, and waits until the server knows: a request that nobody is there for comes back behind it.
async fn subscribe(client: &Client, subject: &'static str) -> Subscriber {
    let subscriber = client.subscribe(subject).await.expect("a pattern");
    settle(client).await;
    subscriber
}

/// Waits until the server has carried out all that this client has said.
async fn settle(client: &Client) {
    let answer = client.request("nobody.is.there", "".into()).await.expect_err("nobody is there");
    assert_eq!(answer.kind(), async_nats::RequestErrorKind::NoResponders);
}

/// The payload of the next message.
async fn next(subscriber: &mut Subscriber) -> String {
    let message = timeout(NEVER, subscriber.next()).await.expect("a message comes").expect("it is open");
    String::from_utf8(message.payload.to_vec()).expect("text")
}

#[tokio::test]
async fn publish_and_subscribe_with_wildcards() {
    let server = Server::start().await;
    let (one, two) = (connect(&server).await, connect(&server).await);
    let mut star = subscribe(&one, "orders.*").await;
    let mut rest = subscribe(&two, "orders.>").await;
    let mut local = server.bus.subscribe(">").expect("a pattern");
    for (subject, payload) in [("orders.a", "1"), ("orders.a.b", "2"), ("other", "3"), ("orders.b", "4")] {
        one.publish(subject, payload.into()).await.expect("connected");
    }
    assert_eq!([next(&mut star).await, next(&mut star).await], ["1", "4"]);
    assert_eq!([next(&mut rest).await, next(&mut rest).await, next(&mut rest).await], ["1", "2", "4"]);
    for expected in ["1", "2", "3", "4"] {
        assert_eq!(local.recv().await.expect("open").payload, expected);
    }
    let _ = server.bus.publish(message("orders.local", "5")).await.expect("open");
    assert_eq!((next(&mut star).await, next(&mut rest).await), ("5".into(), "5".into()));
}

#[tokio::test]
async fn headers_arrive_as_they_were() {
    let server = Server::start().await;
    let client = connect(&server).await;
    let mut subscriber = subscribe(&client, "a").await;
    let mut headers = async_nats::HeaderMap::new();
    headers.append("Trace", "1");
    headers.append("Trace", "2");
    client.publish_with_headers("a", headers.clone(), "x".into()).await.expect("connected");
    let message = timeout(NEVER, subscriber.next()).await.expect("it comes").expect("it is open");
    assert_eq!(message.headers, Some(headers));
    assert_eq!(message.payload, "x");
}

#[tokio::test]
async fn a_queue_group_shares_and_requests_are_answered() {
    let server = Server::start().await;
    let (asks, one, two) = (connect(&server).await, connect(&server).await, connect(&server).await);
    let done = [Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0))];
    let mut workers = tokio::task::JoinSet::new();
    for (client, done) in [one, two].into_iter().zip(&done) {
        let mut work = client.queue_subscribe("double", "workers".into()).await.expect("a pattern");
        settle(&client).await;
        let done = Arc::clone(done);
        workers.spawn(async move {
            while let Some(message) = work.next().await {
                let reply = format!("{0}{0}", String::from_utf8_lossy(&message.payload));
                client.publish(message.reply.expect("a request"), reply.into()).await.expect("connected");
                done.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    for i in 0..20 {
        let reply = timeout(NEVER, asks.request("double", format!("{i}.").into())).await.expect("in time");
        assert_eq!(reply.expect("a reply").payload, format!("{i}.{i}."));
    }
    workers.shutdown().await;
    let done = done.map(|done| done.load(Ordering::Relaxed));
    assert_eq!(done.iter().sum::<usize>(), 20, "one of them each");
    assert!(done.iter().all(|done| *done > 0), "outlets that are equally empty take turns: {done:?}");
}

#[tokio::test]
async fn requests_cross_between_the_process_and_a_client() {
    let server = Server::start().await;
    let client = connect(&server).await;
    let mut local = server.bus.subscribe("local").expect("a pattern");
    let bus = server.bus.clone();
    let answering = tokio::spawn(async move {
        let request = local.recv().await.expect("open");
        let reply = request.reply().cloned().expect("a request");
        let _ = bus.publish(capstone_bus::Message::new(reply, "from the process")).await.expect("open");
    });
    let reply = timeout(NEVER, client.request("local", "?".into())).await.expect("in time").expect("a reply");
    assert_eq!(reply.payload, "from the process");
    answering.await.expect("no panic");

    let mut remote = subscribe(&client, "remote").await;
    let answering = tokio::spawn(async move {
        let request = remote.next().await.expect("open");
        client.publish(request.reply.expect("a request"), "from a client".into()).await.expect("connected");
        client
    });
    assert_eq!(server.bus.request("remote", "?").await.expect("a reply").payload, "from a client");
    drop(answering.await.expect("no panic"));
}

#[tokio::test]
async fn unsubscribe_after_n_and_drain() {
    let server = Server::start().await;
    let client = connect(&server).await;
    let mut three = subscribe(&client, "a").await;
    three.unsubscribe_after(3).await.expect("connected");
    let mut all = subscribe(&client, "a").await;
    for payload in ["1", "2", "3", "4", "5"] {
        client.publish("a", payload.into()).await.expect("connected");
    }
    let three: Vec<_> = timeout(NEVER, three.collect()).await.expect("it ends by itself");
    assert_eq!(three.len(), 3);
    for payload in ["1", "2", "3", "4", "5"] {
        assert_eq!(next(&mut all).await, payload);
    }
    client.publish("a", "last".into()).await.expect("connected");
    client.drain().await.expect("connected");
    let last: Vec<_> = timeout(NEVER, all.collect()).await.expect("a drain ends");
    assert_eq!(last.len(), 1, "what was on its way arrives");
    server.counted(|stats| stats.open == 0).await;
    assert_eq!(server.bus.stats().active, 0);
}

#[tokio::test]
async fn a_client_comes_back_when_the_listener_does() {
    let bus = Bus::new();
    let server = Server::on(bus.clone(), "127.0.0.1:0", |builder| builder.token("t")).await;
    let address = server.address.to_string();
    let options = ConnectOptions::with_token("t".into());
    let options = options.reconnect_delay_callback(|_| Duration::from_millis(20));
    let client = options.connect(format!("nats://{address}")).await.expect("it listens");
    let mut subscriber = subscribe(&client, "a").await;
    server.stop().await;
    assert_eq!(bus.stats().active, 0);

    let server = Server::on(bus.clone(), &address, |builder| builder.token("t")).await;
    let subscribed_again = async {
        while bus.stats().active == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(NEVER, subscribed_again).await.expect("it connects and subscribes by itself");
    let _ = bus.publish(message("a", "after")).await.expect("open");
    assert_eq!(next(&mut subscriber).await, "after");
    let refused = ConnectOptions::with_token("wrong".into()).connect(format!("nats://{address}")).await;
    assert_eq!(refused.expect_err("wrong").kind(), async_nats::ConnectErrorKind::AuthorizationViolation);
    server.stop().await;
}
