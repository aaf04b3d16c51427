//! Order across publishers: on a bus that awaits between two mailboxes, subscribers disagree about it.

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
