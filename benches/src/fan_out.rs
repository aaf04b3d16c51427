//! One publisher, one or more subscribers: deliveries a second, none of them lost.

use std::sync::Arc;

use bytes::Bytes;
use capstone_bus::{Bus, Message, Overflow, Topic};
use tokio::{sync::broadcast, task::JoinSet, time::Instant};

pub const CAPACITY: usize = 1_024;
pub const PAYLOAD: Bytes = Bytes::from_static(b"a payload of some thirty bytes.");

pub fn topic() -> Topic {
    Topic::new("orders.eu.created").expect("a topic")
}

/// Two workers, whatever the machine has.
pub fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.worker_threads(2).enable_all().build().expect("a runtime")
}

/// How many messages make a round of about a fifth of a second.
pub fn messages_for(subscribers: usize) -> usize {
    2_000_000 / (subscribers + 4)
}

/// Awaits the subscribers, each of which counts what it got, and says millions of deliveries a second.
pub async fn settle(mut subscribers: JoinSet<usize>, expected: usize, since: Instant) -> f64 {
    let mut received = 0;
    while let Some(count) = subscribers.join_next().await {
        received += count.expect("no panic");
    }
    assert_eq!(received, expected, "nothing is lost");
    received as f64 / since.elapsed().as_secs_f64() / 1e6
}

pub fn bus(subscribers: usize) -> f64 {
    bus_with(subscribers, 0)
}

/// Beside the subscribers that are counted, so many that never receive and drop their oldest.
pub fn bus_with(subscribers: usize, stalled: usize) -> f64 {
    runtime().block_on(async {
        let messages = messages_for(subscribers);
        let bus = Bus::builder().capacity(CAPACITY).build();
        let open =
            |_| bus.subscription("orders.*.created").overflow(Overflow::DropOldest).open().expect("options");
        let _stalled: Vec<_> = (0..stalled).map(open).collect();
        let mut tasks = JoinSet::new();
        for _ in 0..subscribers {
            let mut subscription = bus.subscribe("orders.*.created").expect("a pattern");
            tasks.spawn(async move {
                let mut count = 0;
                while subscription.recv().await.is_some() {
                    count += 1;
                }
                count
            });
        }
        let mut publisher = bus.publisher(topic());
        let since = Instant::now();
        let publish = tokio::spawn(async move {
            for _ in 0..messages {
                publisher.publish(PAYLOAD).await.expect("the bus is open");
            }
        });
        publish.await.expect("no panic");
        bus.close();
        settle(tasks, messages * subscribers, since).await
    })
}

pub fn bus_in_batches(subscribers: usize, batch: usize) -> f64 {
    runtime().block_on(async {
        let batches = 8 * messages_for(subscribers) / batch;
        let bus = Bus::builder().capacity(CAPACITY).build();
        let mut tasks = JoinSet::new();
        for _ in 0..subscribers {
            let mut subscription = bus.subscribe("orders.*.created").expect("a pattern");
            tasks.spawn(async move {
                let (mut count, mut buffer) = (0, Vec::with_capacity(batch));
                loop {
                    match subscription.recv_many(&mut buffer, batch).await {
                        0 => return count,
                        received => count += received,
                    }
                    buffer.clear();
                }
            });
        }
        let mut publisher = bus.publisher(topic());
        let since = Instant::now();
        let publish = tokio::spawn(async move {
            for _ in 0..batches {
                publisher.publish_batch(std::iter::repeat_n(PAYLOAD, batch)).await.expect("the bus is open");
            }
        });
        publish.await.expect("no panic");
        bus.close();
        settle(tasks, batches * batch * subscribers, since).await
    })
}

pub fn broadcast(subscribers: usize) -> f64 {
    runtime().block_on(async {
        let messages = messages_for(subscribers);
        let (sender, _) = broadcast::channel::<Arc<Message>>(CAPACITY);
        let mut tasks = JoinSet::new();
        for _ in 0..subscribers {
            let mut receiver = sender.subscribe();
            tasks.spawn(async move {
                let mut count = 0;
                while receiver.recv().await.is_ok() {
                    count += 1;
                }
                count
            });
        }
        let topic = topic();
        let since = Instant::now();
        let publish = tokio::spawn(async move {
            for number in 0..messages {
                while number % (CAPACITY / 2) == 0 && sender.len() > CAPACITY / 2 {
                    tokio::task::yield_now().await;
                }
                let message = Message::new(topic.clone(), PAYLOAD);
                sender.send(Arc::new(message)).expect("somebody receives");
                tokio::task::consume_budget().await;
            }
        });
        publish.await.expect("no panic");
        settle(tasks, messages * subscribers, since).await
    })
}

pub fn async_broadcast(subscribers: usize) -> f64 {
    runtime().block_on(async {
        let messages = messages_for(subscribers);
        let (sender, receiver) = async_broadcast::broadcast::<Arc<Message>>(CAPACITY);
        let mut tasks = JoinSet::new();
        for _ in 0..subscribers {
            let mut receiver = receiver.clone();
            tasks.spawn(async move {
                let mut count = 0;
                while receiver.recv_direct().await.is_ok() {
                    count += 1;
                }
                count
            });
        }
        drop(receiver);
        let topic = topic();
        let since = Instant::now();
        let publish = tokio::spawn(async move {
            for _ in 0..messages {
                let message = Message::new(topic.clone(), PAYLOAD);
                sender.broadcast_direct(Arc::new(message)).await.expect("somebody receives");
                tokio::task::consume_budget().await;
            }
        });
        publish.await.expect("no panic");
        settle(tasks, messages * subscribers, since).await
    })
}
