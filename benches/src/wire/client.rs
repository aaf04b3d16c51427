//! The work done by `async-nats`, as an application would.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use async_nats::{Client, ConnectOptions, RequestErrorKind, Subscriber};
use bytes::Bytes;
use futures::StreamExt;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::{AHEAD_MAX, PAYLOAD, Received, Server, Spent};
use crate::round::runtime;

const PATIENCE: Duration = Duration::from_secs(60);
const PUBLISHED: Bytes = Bytes::from_static(&PAYLOAD);

pub fn deliver(server: &Server, subscribers: usize, messages: u64) -> Spent {
    runtime().block_on(async {
        let received = Arc::new(Received::by(subscribers));
        let mut receiving = JoinSet::new();
        for number in 0..subscribers {
            let client = connect(server).await;
            let mut subscription = subscribe(&client, "bench.wire").await;
            let received = Arc::clone(&received);
            receiving.spawn(async move {
                let count = &received.0[number];
                while count.load(Relaxed) < messages {
                    let message = subscription.next().await.expect("a connection");
                    assert_eq!(message.payload.len(), PAYLOAD.len());
                    count.fetch_add(1, Relaxed);
                }
            });
        }
        let publisher = connect(server).await;
        let spent = server.measure();
        for number in 0..messages {
            while number.is_multiple_of(1_024) && number > received.slowest() + AHEAD_MAX {
                sleep(Duration::from_micros(200)).await;
            }
            publisher.publish("bench.wire", PUBLISHED).await.expect("a connection");
        }
        publisher.flush().await.expect("a connection");
        let all = timeout(PATIENCE, receiving.join_all()).await;
        assert!(all.is_ok(), "lost: {:?} of {messages} arrived", received.0);
        spent()
    })
}

pub fn ask(server: &Server, requests: usize) -> Vec<f64> {
    runtime().block_on(async {
        let (asking, answering) = (connect(server).await, connect(server).await);
        let mut questions = subscribe(&answering, "bench.ask").await;
        tokio::spawn(async move {
            while let Some(question) = questions.next().await {
                let reply = question.reply.expect("a request says where the answer goes");
                answering.publish(reply, question.payload).await.expect("a connection");
            }
        });
        let mut samples = Vec::with_capacity(requests);
        for _ in 0..requests {
            let since = Instant::now();
            let answer = asking.request("bench.ask", PUBLISHED).await.expect("an answer");
            samples.push(since.elapsed().as_nanos() as f64 / 1e3);
            assert_eq!(answer.payload, PUBLISHED);
        }
        samples
    })
}

/// Returns when the server knows of the subscription: it has answered what was sent after that.
pub async fn subscribe(client: &Client, subject: &'static str) -> Subscriber {
    let subscription = client.subscribe(subject).await.expect("a subject");
    let refused = client.request("bench.nobody", PUBLISHED).await.expect_err("nobody is there");
    assert_eq!(refused.kind(), RequestErrorKind::NoResponders);
    subscription
}

pub async fn connect(server: &Server) -> Client {
    // Room for all that may be under way: the client drops what it has no room for.
    let options = ConnectOptions::new().subscription_capacity(4 * AHEAD_MAX as usize);
    options.connect(format!("nats://{}", server.address)).await.expect("a server that listens")
}
