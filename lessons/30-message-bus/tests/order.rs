//! Order across publishers: subscribers of the actor agree about it, those of a bus that awaits between two mailboxes do not.

use lesson_30::bus::bus;
use lesson_30::message::Message;
use lesson_30::wanted::Wanted;
use shared::HOUR;
use tokio::sync::mpsc;
use tokio::time::timeout;

const SUBSCRIBERS: usize = 3;
const MESSAGES: u32 = 100;

/// Publishes to one mailbox after another. None of them is full, so each `send` completes at once, unless the task has
/// used up its budget: Tokio lets others run after 128 such steps, in the middle of a message as well.
// ANCHOR: fan-out
async fn publish_all(publisher: char, mailboxes: [mpsc::Sender<(char, u32)>; SUBSCRIBERS]) {
    for number in 1..=MESSAGES {
        for mailbox in &mailboxes {
            mailbox.send((publisher, number)).await.unwrap();
        }
    }
}
// ANCHOR_END: fan-out

// ANCHOR: disagree
#[tokio::test(start_paused = true)]
async fn wrong_subscribers_do_not_agree_on_the_order_of_two_publishers() {
    let (mailboxes, mut received): (Vec<_>, Vec<_>) =
        (0..SUBSCRIBERS).map(|_| mpsc::channel(2 * MESSAGES as usize)).unzip();
    let mailboxes: [_; SUBSCRIBERS] = mailboxes.try_into().unwrap();
    let publishers = ['a', 'b'].map(|name| tokio::spawn(publish_all(name, mailboxes.clone())));
    drop(mailboxes);
    for publisher in publishers {
        timeout(HOUR, publisher).await.expect("no task can make progress").unwrap();
    }

    let mut seen = Vec::new();
    for mailbox in &mut received {
        let mut messages = Vec::new();
        mailbox.recv_many(&mut messages, 2 * MESSAGES as usize).await;
        for name in ['a', 'b'] {
            let of_one =
                messages.iter().filter(|(publisher, _)| *publisher == name).map(|(_, number)| *number);
            assert!(of_one.eq(1..=MESSAGES), "each publisher's own order is kept");
        }
        seen.push(messages);
    }
    assert_ne!(
        seen[0], seen[2],
        "the first and the third subscriber saw the two publishers in another order"
    );
}
// ANCHOR_END: disagree

#[tokio::test(start_paused = true)]
async fn subscribers_of_the_actor_agree_on_the_order_of_two_publishers() {
    let (bus, actor) = bus(4);
    let running = tokio::spawn(actor.run());
    let wanted = Wanted::to("orders.*").unwrap().slots(2 * MESSAGES as usize);
    let mut subscriptions = Vec::new();
    for _ in 0..SUBSCRIBERS {
        subscriptions.push(bus.subscribe(wanted.clone()).await.unwrap());
    }
    let publishers = ["orders.created", "orders.changed"].map(|topic| {
        let bus = bus.clone();
        tokio::spawn(async move {
            for order in 1..=MESSAGES {
                drop(bus.publish(Message::new(topic, order)).await.unwrap());
            }
        })
    });
    drop(bus);
    for publisher in publishers {
        timeout(HOUR, publisher).await.expect("no task can make progress").unwrap();
    }
    assert_eq!(running.await.unwrap().dropped, 0);
    let mut seen = Vec::new();
    for mut subscription in subscriptions {
        let mut messages = Vec::new();
        while let Some(delivery) = subscription.recv().await {
            messages.push((delivery.message.topic, delivery.message.order));
        }
        seen.push(messages);
    }
    assert!(seen.iter().all(|messages| *messages == seen[0]));
    assert_eq!(seen[0].len(), 2 * MESSAGES as usize);
}
