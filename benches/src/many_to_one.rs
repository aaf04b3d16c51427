//! Several publishers, one subscriber: what channels are made for.

use capstone_bus::{Bus, Message};
use tokio::{sync::mpsc, task::JoinSet, time::Instant};

use crate::fan_out::{CAPACITY, PAYLOAD, messages_for, runtime, settle, topic};

pub fn bus(publishers: usize) -> f64 {
    runtime().block_on(async {
        let messages = messages_for(publishers) * 2;
        let bus = Bus::builder().capacity(CAPACITY).build();
        let mut subscription = bus.subscribe("orders.*.created").expect("a pattern");
        let mut subscriber = JoinSet::new();
        let since = Instant::now();
        for _ in 0..publishers {
            let mut publisher = bus.publisher(topic());
            tokio::spawn(async move {
                for _ in 0..messages {
                    publisher.publish(PAYLOAD).await.expect("the bus is open");
                }
            });
        }
        drop(bus);
        subscriber.spawn(async move {
            let mut count = 0;
            while subscription.recv().await.is_some() {
                count += 1;
            }
            count
        });
        settle(subscriber, messages * publishers, since).await
    })
}

pub fn mpsc(publishers: usize) -> f64 {
    runtime().block_on(async {
        let messages = messages_for(publishers) * 2;
        let (sender, mut receiver) = mpsc::channel::<Message>(CAPACITY);
        let mut subscriber = JoinSet::new();
        let since = Instant::now();
        for _ in 0..publishers {
            let (sender, topic) = (sender.clone(), topic());
            tokio::spawn(async move {
                for _ in 0..messages {
                    sender.send(Message::new(topic.clone(), PAYLOAD)).await.expect("somebody receives");
                }
            });
        }
        drop(sender);
        subscriber.spawn(async move {
            let mut count = 0;
            while receiver.recv().await.is_some() {
                count += 1;
            }
            count
        });
        settle(subscriber, messages * publishers, since).await
    })
}

pub fn flume(publishers: usize) -> f64 {
    runtime().block_on(async {
        let messages = messages_for(publishers) * 2;
        let (sender, receiver) = flume::bounded::<Message>(CAPACITY);
        let mut subscriber = JoinSet::new();
        let since = Instant::now();
        for _ in 0..publishers {
            let (sender, topic) = (sender.clone(), topic());
            tokio::spawn(async move {
                for _ in 0..messages {
                    sender.send_async(Message::new(topic.clone(), PAYLOAD)).await.expect("somebody receives");
                    tokio::task::consume_budget().await;
                }
            });
        }
        drop(sender);
        subscriber.spawn(async move {
            let mut count = 0;
            while receiver.recv_async().await.is_ok() {
                count += 1;
                tokio::task::consume_budget().await;
            }
            count
        });
        settle(subscriber, messages * publishers, since).await
    })
}
